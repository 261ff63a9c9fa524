import ts from './ts.ts';
import {
  internals,
  neverCancelled,
  type CellFile,
  type CompletionEntry,
  type CompletionHost,
  type Program
} from './internals.ts';
import { moduleNameIn } from './cell.ts';
import type { CellProgram } from './program.ts';
import type { CompleteAnswer, Completion } from './protocol.ts';
import { isBare } from './resolve.ts';
import { importables, importedModules } from './suggestions.ts';

/** How many suggestions carry their type. */
const described = 40;
/** Types of suggestions are written out for so long, ms; the rest goes without. */
const describingMs = 25;
/** How many suggestions are returned. */
const most = 500;
/** Letters after which names are suggested that are not imported yet. */
const importAfter = 3;

/** The text that a suggestion replaces. */
interface Replaced {
  start: number;
  text: string;
}

/**
 * Completes the name before the cursor, or the name of a module inside an import.
 * @param cells Knows the modules imported so far: their exports are suggested too.
 */
export function complete(cells: CellProgram, file: CellFile, at: number): CompleteAnswer {
  const { program } = cells;
  const literal = stringAt(file, at);
  const found = entriesAt(cells, file, at, literal);
  const span = found.find(({ replacementSpan }) => replacementSpan)?.replacementSpan;
  const word = /[\w$]*$/.exec(file.text.slice(0, at))?.[0] ?? '';
  const start = span?.start ?? at - word.length;
  const replaced = { start, text: file.text.slice(start, at) };
  const known = describe(program, file, start, matching(found, replaced));
  const isProse = literal !== undefined || internals.isInComment(file, at) !== undefined;
  const unknown = isProse ? [] : unimported(cells, file, replaced);
  return { start, end: at, matches: [...known, ...unknown] };
}

function entriesAt(
  cells: CellProgram,
  file: CellFile,
  at: number,
  literal: ts.StringLiteralLike | undefined
): CompletionEntry[] {
  const isModule = literal !== undefined && moduleNameIn(literal.parent) === literal;
  // A cell is no file; the names of modules are looked up from its notebook's folder.
  if (isModule) file.path = `${cells.folder}/__cell__.ts`;
  const found = internals.Completions.getCompletionsAtPosition(
    hostOf(cells),
    cells.program,
    () => undefined,
    file,
    at,
    {},
    undefined,
    1,
    neverCancelled
  );
  const entries = found?.entries ?? [];
  return isModule ? [...entries, ...knownModules(cells, literal, at, entries)] : entries;
}

/** The modules that the kernel brings, or that cells imported, wherever they were found. */
function knownModules(
  cells: CellProgram,
  literal: ts.StringLiteralLike,
  at: number,
  found: readonly CompletionEntry[]
): CompletionEntry[] {
  const start = literal.getStart() + 1;
  const typed = literal.getSourceFile().text.slice(start, at);
  // Of what stands behind a slash, the service completes the last part alone.
  if (!isBare(typed) || (typed.includes('/') && found.length > 0)) return [];
  const replacementSpan = { start, length: at - start };
  return importedModules(cells.root)
    .filter(name => !found.some(entry => entry.name === name))
    .map(name => ({ name, kind: 'module', sortText: '10', replacementSpan }));
}

function hostOf(cells: CellProgram): CompletionHost {
  return {
    getCompilationSettings: () => cells.options,
    getCurrentDirectory: () => cells.folder,
    fileExists: path => ts.sys.fileExists(path),
    readFile: path => ts.sys.readFile(path),
    readDirectory: (...query) => ts.sys.readDirectory(...query),
    directoryExists: path => ts.sys.directoryExists(path),
    getDirectories: path => ts.sys.getDirectories(path),
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames
  };
}

function matching(entries: readonly CompletionEntry[], { text }: Replaced): CompletionEntry[] {
  const lower = text.toLowerCase();
  const found = entries
    .filter(({ name }) => name.toLowerCase().startsWith(lower))
    .sort((a, b) => compare(a.sortText, b.sortText) || compare(a.name, b.name))
    .slice(0, most);
  const exact = found.filter(({ name }) => name.startsWith(text));
  return exact.length > 0 ? exact : found;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function describe(
  program: Program,
  file: CellFile,
  start: number,
  entries: readonly CompletionEntry[]
): Completion[] {
  const until = performance.now() + describingMs;
  return entries.map(({ name, kind }, index) => {
    const isDescribed = index < described && performance.now() < until;
    const signature = isDescribed ? signatureOf(program, file, start, name) : '';
    return { text: name, type: kind, signature };
  });
}

/** Exported names of known modules that the cell does not know, with the import that brings them. */
function unimported(cells: CellProgram, file: CellFile, { start, text }: Replaced): Completion[] {
  const before = file.text.slice(0, start).trimEnd();
  if (text.length < importAfter || before.endsWith('.')) return [];
  const { checker, root } = cells;
  return importables(root, checker, text)
    .filter(({ name }) => !checker.resolveName(name, file, ts.SymbolFlags.All, false))
    .slice(0, described)
    .map(({ name, statement }) => ({ text: name, type: 'import', signature: statement }));
}

/** The string that the cursor stands in. */
function stringAt(file: CellFile, at: number): ts.StringLiteralLike | undefined {
  const node = internals.findPrecedingToken(at, file);
  if (node === undefined || !ts.isStringLiteralLike(node) || at <= node.getStart(file)) {
    return undefined;
  }
  return at < node.end || node.isUnterminated === true ? node : undefined;
}

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
