import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

const typescript = ['**/*.ts', '**/*.tsx'];
const tests = ['**/*.test.ts', '**/*.test.tsx'];
const front = ['extension/lab/src/**/*.{ts,tsx}'];

export default tseslint.config(
  {
    ignores: [
      '**/lib/**',
      '**/node_modules/**',
      '.venv/**',
      'dist/**',
      '.cache/**',
      'extension/server/joulebook/labextension/**',
      'extension/server/joulebook/runtime/**',
      'test/e2e/results/**'
    ]
  },
  js.configs.recommended,
  { plugins: { jupyter } },
  ...jupyter.configs.recommended.map(config => ({ ...config, files: front, ignores: tests })),
  ...tseslint.configs.recommendedTypeChecked.map(config => ({ ...config, files: typescript })),
  {
    files: typescript,
    languageOptions: {
      parserOptions: {
        project: [
          'extension/*/tsconfig.json',
          'kernel-helpers/tsconfig.json',
          'test/tsconfig.json'
        ],
        tsconfigRootDir: import.meta.dirname
      }
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
    }
  },
  {
    files: ['extension/*/src/**/*.{ts,tsx}', 'kernel-helpers/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.test.tsx', '**/fixtures/**'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: {
            ArrowFunctionExpression: true,
            ClassDeclaration: true,
            FunctionDeclaration: true,
            FunctionExpression: true,
            MethodDefinition: true
          },
          contexts: [
            'TSInterfaceDeclaration',
            'TSTypeAliasDeclaration',
            'ExportNamedDeclaration > VariableDeclaration'
          ],
          checkConstructors: false
        }
      ],
      'jsdoc/require-description': ['error', { contexts: ['any'] }]
    }
  },
  {
    files: ['**/*.test.ts', '**/*.test.tsx', 'test/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'off' }
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    rules: { 'no-undef': 'off' }
  }
);
