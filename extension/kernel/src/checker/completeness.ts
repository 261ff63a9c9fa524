import ts from './ts.ts';
import type { CompletenessAnswer } from './protocol.ts';

/** Messages of the parser that more text at the end would mend: unterminated literals and comments. */
const unterminated = [1002, 1010, 1126, 1160, 1161];
const indentStep = '  ';

/**
 * Whether a cell is ready to run, for consoles that decide at each Enter.
 * A mistake at the very end is taken for text still to come, one before it for a mistake.
 */
export function isComplete(code: string): CompletenessAnswer {
  const file = ts.createSourceFile(
    'console.ts',
    code,
    { languageVersion: ts.ScriptTarget.ESNext, impliedNodeFormat: ts.ModuleKind.ESNext },
    true,
    ts.ScriptKind.TS
  ) as ts.SourceFile & { parseDiagnostics: ts.Diagnostic[] };
  const first = file.parseDiagnostics[0];
  if (first === undefined) return { status: 'complete', indent: '' };
  const end = code.trimEnd().length;
  const atEnd = (first.start ?? 0) >= end;
  const open = unterminated.includes(first.code) && first.code !== 1002;
  return atEnd || open
    ? { status: 'incomplete', indent: nextIndent(code) }
    : { status: 'invalid', indent: '' };
}

function nextIndent(code: string): string {
  const last = code.trimEnd().split('\n').at(-1) ?? '';
  const current = /^\s*/.exec(last)?.[0] ?? '';
  return /[{([]\s*$|=>\s*$/.test(last) ? current + indentStep : current;
}
