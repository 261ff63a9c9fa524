import type ts from './ts.ts';

/** `%time f()`, `%%bash` or `!ls -l`, as IPython takes them. */
const magic = /^\s*(%%?[a-z]\w*|![a-z][\w./-]*(\s+[\w./-]|\s*$))/i;

/**
 * Explains a mistake to whoever is used to the commands of Python's kernel.
 * @returns A sentence for the user; `undefined` when the mistake's line is none of them.
 */
export function magicHint({ file, start }: ts.Diagnostic): string | undefined {
  if (!file || start === undefined) return undefined;
  const from = file.text.lastIndexOf('\n', start - 1) + 1;
  const [line = ''] = file.text.slice(from).split('\n', 1);
  return magic.test(line)
    ? "Lines that begin with % or ! are commands of Python's kernel; here, execSync of node:child_process runs a program."
    : undefined;
}
