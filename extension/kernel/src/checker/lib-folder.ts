import { dirname, join } from 'node:path';

/**
 * Where TypeScript's lib.*.d.ts stand. Only these need to be installed: the compiler itself is part of the checker's bundle.
 * @param require Of the place from which the package is looked for.
 */
export function libFolderOf(require: NodeJS.Require): string {
  return join(dirname(require.resolve('typescript/package.json')), 'lib');
}
