import ts from './ts.ts';
import { isCell } from './internals.ts';
import type { Diagnostic } from './protocol.ts';

/** Lines shown before and after a mistake. */
const context = 2;
/** No mistakes in a notebook: packages without types, `import x = require()` and `export =`. */
const allowed = [7016, 1202, 1203];

/** Whether a message of the compiler keeps a cell from running. */
export function isMistake(diagnostic: ts.Diagnostic): boolean {
  return diagnostic.category === ts.DiagnosticCategory.Error && !allowed.includes(diagnostic.code);
}

/**
 * Makes a compiler's message ready to show.
 * @param hint A sentence to add, such as where a name can be imported from.
 */
export function describe(diagnostic: ts.Diagnostic, hint?: string): Diagnostic {
  const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
  const message = hint === undefined ? text : `${text} ${hint}`;
  const { file, start, length = 0 } = diagnostic;
  if (!file || start === undefined) {
    return { code: diagnostic.code, message, line: 1, column: 1, frame: '' };
  }
  const { line, character } = ts.getLineAndCharacterOfPosition(file, start);
  return {
    code: diagnostic.code,
    message,
    ...(isCell(file) ? {} : { file: file.fileName }),
    line: line + 1,
    column: character + 1,
    frame: codeFrame(file.text, line, character, length)
  };
}

/**
 * Draws the lines around a place, with the place underlined.
 * @param line 0-based, as is `column`.
 */
export function codeFrame(text: string, line: number, column: number, length: number): string {
  const lines = text.split(/\r?\n/);
  const first = Math.max(0, line - context);
  const last = Math.min(lines.length - 1, line + context);
  const width = String(last + 1).length;
  const shown: string[] = [];
  for (let at = first; at <= last; at += 1) {
    const content = lines[at] ?? '';
    const marker = at === line ? '>' : ' ';
    shown.push(`${marker} ${String(at + 1).padStart(width)} | ${content}`.trimEnd());
    if (at === line) {
      const underlined = Math.max(1, Math.min(length, content.length - column));
      shown.push(`  ${' '.repeat(width)} | ${' '.repeat(column)}${'~'.repeat(underlined)}`);
    }
  }
  return shown.join('\n');
}
