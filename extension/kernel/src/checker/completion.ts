import ts from './ts.ts';
import { internals, neverCancelled, type CellFile, type Program } from './internals.ts';
import type { CompleteAnswer, Completion } from './protocol.ts';
import { importables } from './suggestions.ts';

/** How many suggestions carry their type. */
const described = 40;
/** How many suggestions are returned. */
const most = 500;

/** Letters after which names are suggested that are not imported yet. */
const importAfter = 3;

/**
 * Completes the name before the cursor.
 * @param root The file that imports the modules known so far: their exports are suggested too.
 */
export function complete(
  program: Program,
  file: CellFile,
  at: number,
  root: ts.SourceFile
): CompleteAnswer {
  const word = /[\w$]*$/.exec(file.text.slice(0, at))?.[0] ?? '';
  const found = internals.Completions.getCompletionsAtPosition(
    {},
    program,
    () => undefined,
    file,
    at,
    {},
    undefined,
    1,
    neverCancelled
  );
  const entries = (found?.entries ?? [])
    .filter(({ name }) => name.toLowerCase().startsWith(word.toLowerCase()))
    .sort((a, b) => compare(a.sortText, b.sortText) || compare(a.name, b.name))
    .slice(0, most);
  const exact = entries.filter(({ name }) => name.startsWith(word));
  const chosen = exact.length > 0 ? exact : entries;
  const start = at - word.length;
  const known = chosen.map(({ name, kind }, index) => ({
    text: name,
    type: kind,
    signature: index < described ? signatureOf(program, file, start, name) : ''
  }));
  return { start, end: at, matches: [...known, ...unimported(program, file, start, word, root)] };
}

/** Exported names of known modules that the cell does not know, with the import that brings them. */
function unimported(
  program: Program,
  file: CellFile,
  start: number,
  word: string,
  root: ts.SourceFile
): Completion[] {
  const before = file.text.slice(0, start).trimEnd();
  if (word.length < importAfter || /[.'"`]$/.test(before)) return [];
  const checker = program.getTypeChecker();
  return importables(root, checker, word)
    .filter(({ name }) => !checker.resolveName(name, file, ts.SymbolFlags.All, false))
    .slice(0, described)
    .map(({ name, statement }) => ({ text: name, type: 'import', signature: statement }));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The type of a suggestion, found without asking for its documentation. */
function signatureOf(
  program: Program,
  file: CellFile,
  start: number,
  name: string
): Completion['signature'] {
  const checker = program.getTypeChecker();
  const node = internals.findPrecedingToken(start, file);
  const object =
    node && ts.isPropertyAccessExpression(node.parent) && node.kind === ts.SyntaxKind.DotToken
      ? node.parent.expression
      : undefined;
  const symbol = object
    ? checker.getTypeAtLocation(object).getProperty(name)
    : checker.resolveName(name, node ?? file, ts.SymbolFlags.Value, false);
  if (symbol === undefined) return '';
  const type = checker.getTypeOfSymbolAtLocation(symbol, node ?? file);
  return checker.typeToString(type, file, ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope);
}
