// Which files of node_modules are needed at run time: what the bundles and the notebooks import, and their types.
import { join, relative, sep } from 'node:path';
import { root } from './places.mjs';
import { SetupError } from './progress.mjs';

/**
 * Follows the imports of some modules as Node does.
 * @param entries packages by name, or files
 * @returns the files inside node_modules, relative to the project
 */
export async function importedBy(entries) {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: root,
    stdin: {
      contents: entries.map(entry => `import ${JSON.stringify(entry)};`).join('\n'),
      resolveDir: root
    },
    bundle: true,
    metafile: true,
    write: false,
    outdir: 'unused',
    platform: 'node',
    format: 'esm',
    target: 'node22',
    mainFields: ['main'],
    preserveSymlinks: true,
    loader: { '.node': 'file' },
    ignoreAnnotations: true,
    logLevel: 'error'
  });
  return Object.keys(metafile.inputs).filter(path => path.startsWith('node_modules/'));
}

/**
 * Follows the type declarations of some packages as the kernel's checker does.
 * @param packages by name; those without code (`@types/node`) by what they describe (`node`) in `ambient`
 * @returns the declaration files inside node_modules, relative to the project
 */
export async function typesOf(packages, ambient) {
  const { default: ts } = await import('typescript');
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    preserveSymlinks: true,
    types: ambient
  };
  const entry = join(root, 'every-package.mts');
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  const text = packages.map(name => `import '${name}';`).join('\n');
  host.fileExists = path => path === entry || fileExists.call(host, path);
  host.getSourceFile = (path, target, ...rest) =>
    path === entry
      ? ts.createSourceFile(path, text, target)
      : getSourceFile.call(host, path, target, ...rest);
  const program = ts.createProgram([entry], options, host);
  const missing = program.getSemanticDiagnostics(program.getSourceFile(entry));
  if (missing.length) {
    throw new SetupError(
      missing.map(each => ts.flattenDiagnosticMessageText(each.messageText, '\n')).join('\n')
    );
  }
  return program
    .getSourceFiles()
    .map(file => relative(root, file.fileName).split(sep).join('/'))
    .filter(path => path.startsWith('node_modules/'));
}
