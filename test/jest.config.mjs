import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const swc = parser => [
  '@swc/jest',
  { jsc: { target: 'es2022', parser }, module: { type: 'commonjs' } }
];
const typescript = swc({ syntax: 'typescript', tsx: false });

const node = (displayName, folder) => ({
  displayName,
  rootDir: join(root, folder),
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  extensionsToTreatAsEsm: [],
  transform: { '^.+\\.ts$': typescript, '^.+\\.js$': swc({ syntax: 'ecmascript' }) },
  transformIgnorePatterns: ['/node_modules/(?!(hono|@hono|zod|ts-blank-space)/).+'],
  // The source of what the packages share: no build needs to be newer than the test.
  moduleNameMapper: {
    '^kernel-helpers/impact$': join(root, 'kernel-helpers/src/impact/index.ts'),
    '^kernel-helpers/impact/zones$': join(root, 'kernel-helpers/src/impact/zones.ts'),
    '^kernel-helpers/launch$': join(root, 'kernel-helpers/src/distributed/launch.ts')
  },
  modulePathIgnorePatterns: ['<rootDir>/lib/']
});

// Most of the meter's tests hold it against a clock: nothing runs beside them. Those of its commands and its history only wait for processes.
const meter = node('meter', 'extension/meter');
const clocks = {
  ...meter,
  displayName: 'clocks',
  testPathIgnorePatterns: ['<rootDir>/src/(cli|store)/']
};

// What the base list of JupyterLab's own Jest configuration leaves out of compilation.
const esModules = [
  '@jupyterlab/',
  '@codemirror',
  '@marijn',
  '@microsoft',
  '@jupyter/react-components',
  '@jupyter/web-components',
  '@jupyter/ydoc',
  'color',
  'exenv-es6',
  'lib0',
  'marked',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');
const labRoot = join(root, 'extension/lab');
const labBase = require('@jupyterlab/testutils/lib/jest-config')(labRoot);
const lab = {
  ...labBase,
  displayName: 'lab',
  moduleNameMapper: {
    ...labBase.moduleNameMapper,
    '^kernel-helpers/impact/figures$': join(root, 'kernel-helpers/src/impact/figures.ts')
  },
  rootDir: labRoot,
  testRegex: 'src/.*\\.test\\.tsx?$',
  transform: {
    '\\.svg$': '@jupyterlab/testing/lib/jest-raw-loader.js',
    '^.+\\.tsx?$': swc({ syntax: 'typescript', tsx: true }),
    '^.+\\.m?jsx?$': swc({ syntax: 'ecmascript', jsx: true })
  },
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`],
  modulePathIgnorePatterns: ['<rootDir>/lib/']
};
const coverage = ['coverageReporters', 'coverageDirectory', 'collectCoverageFrom'];
// These belong to the whole run, not to one project.
for (const key of ['reporters', 'testTimeout', ...coverage]) {
  delete lab[key];
}

export default {
  rootDir: root,
  reporters: ['default'],
  // Only for what hangs: on a busy machine a test that computes takes many times as long.
  testTimeout: 60_000,
  projects: [
    clocks,
    { ...meter, testMatch: ['<rootDir>/src/{cli,store}/**/*.test.ts'] },
    node('kernel', 'extension/kernel'),
    node('helpers', 'kernel-helpers'),
    lab
  ]
};
