import ts from './ts.ts';
import { blankSourceFile } from 'ts-blank-space';
import { isAugmentation } from './cell.ts';
import { Edits, TextBuilder, type MappedText } from './edits.ts';
import { rewriteExpressions } from './expressions.ts';
import { importAssignments, importEquals } from './imports.ts';
import type { CellFile, Checker } from './internals.ts';
import { isErased, renameReferences } from './rename.ts';
import { transpile } from './transpile.ts';
import { assignStatement, hoistNestedVars, scriptEnd, type Variables } from './variables.ts';

/** A cell as a script. */
export interface Script extends MappedText {
  /** The variables it assigns. */
  names: string[];
}

/**
 * Turns a checked cell into a script: an async function that assigns top-level variables and returns `[value]` of a last
 * expression. Types are blanked, so most places stay where they were; `segments` tells the rest.
 * @param chosen The variable of each name that the cell declares.
 */
export function rewriteCell(
  file: CellFile,
  checker: Checker,
  options: ts.CompilerOptions,
  chosen: ReadonlyMap<string, string>,
  renames: boolean
): Script {
  const rewriter = new Rewriter(chosen, checker, options);
  const edits = new Edits();
  rewriteExpressions(file, edits);
  if (renames) renameReferences(file, checker, edits);
  const toCompile = new Set<ts.Node>();
  const blanked = blankSourceFile(file, node => toCompile.add(topStatement(node)));
  for (const statement of file.statements) {
    if (hasDecorators(statement)) toCompile.add(statement);
  }
  rewriter.statements({ file, text: blanked, edits, valued: true, toCompile });
  return rewriter.finish();
}

interface Part {
  file: ts.SourceFile;
  /** The part's text as JavaScript, at the offsets of the file. */
  text: string;
  edits: Edits;
  /** Whether a last expression is the cell's value. */
  valued: boolean;
  /** Statements that need the compiler. */
  toCompile: ReadonlySet<ts.Node>;
}

class Rewriter implements Variables {
  readonly #chosen: ReadonlyMap<string, string>;
  readonly #checker: Checker;
  readonly #options: ts.CompilerOptions;
  readonly #names = new Set<string>();
  /** Functions and imports, which a module has before its first statement runs. */
  readonly #functions = new TextBuilder();
  readonly #imports = new TextBuilder();
  readonly #body = new TextBuilder();

  constructor(chosen: ReadonlyMap<string, string>, checker: Checker, options: ts.CompilerOptions) {
    this.#chosen = chosen;
    this.#checker = checker;
    this.#options = options;
  }

  declare(name: string): string {
    const variable = this.#chosen.get(name) ?? name;
    this.#names.add(variable);
    return variable;
  }

  finish(): Script {
    const script = new TextBuilder()
      .copy('"use strict";(async()=>{')
      .append(this.#functions)
      .append(this.#imports)
      .append(this.#body)
      .copy('\n})');
    return { text: script.text, segments: script.segments, names: [...this.#names] };
  }

  statements(part: Part): void {
    const last = part.valued ? part.file.statements.findLast(isStep) : undefined;
    for (const statement of part.file.statements) {
      const start = statement.getStart(part.file);
      this.#body.copy(part.text.slice(statement.pos, start), statement.pos);
      if (isErased(statement)) this.#body.copy(part.text.slice(start, statement.end), start);
      else this.#statement(part, statement, statement === last);
    }
  }

  #statement(part: Part, statement: ts.Statement, isLast: boolean): void {
    const { file, text, edits } = part;
    const checker = part.toCompile === never ? undefined : this.#checker;
    if (ts.isImportDeclaration(statement)) {
      this.#imports.append(importAssignments(file, statement, this, checker));
      this.#leaveLines(text, statement, file);
    } else if (ts.isImportEqualsDeclaration(statement)) {
      this.#body.append(importEquals(file, statement, this, checker));
    } else if (part.toCompile.has(statement)) {
      this.#compiled(part, statement, isLast);
    } else if (ts.isFunctionDeclaration(statement)) {
      this.#function(part, statement);
    } else {
      this.#inPlace(part, statement, isLast);
      this.#body.append(edits.slice(text, statement.getStart(file), statement.end));
    }
  }

  #inPlace({ file, text, edits }: Part, statement: ts.Statement, isLast: boolean): void {
    dropExport(file, statement, edits);
    const start = statement.getStart(file);
    if (ts.isVariableStatement(statement)) assignStatement(file, statement, this, edits);
    else if (ts.isClassDeclaration(statement)) {
      edits.insert(
        afterModifiers(file, statement),
        `;${statement.name ? `${this.declare(statement.name.text)} = ` : 'void '}`
      );
      edits.insert(statement.end, ';');
    } else if (ts.isExportDeclaration(statement) || ts.isModuleDeclaration(statement)) {
      edits.replace(start, statement.end, linesOf(text.slice(start, statement.end)));
    } else if (ts.isExportAssignment(statement)) {
      edits.replace(start, statement.expression.getStart(file), isLast ? 'return [' : ';');
      if (isLast) edits.insert(scriptEnd(statement.expression), ']');
    } else if (ts.isExpressionStatement(statement) && isLast) {
      edits.insert(start, 'return [');
      edits.insert(scriptEnd(statement.expression), ']');
    } else hoistNestedVars(file, statement, this, edits);
  }

  #function(part: Part, statement: ts.FunctionDeclaration): void {
    const { file, text, edits } = part;
    if (statement.body && statement.name) {
      const { name } = statement;
      edits.replace(name.getStart(file), name.end, ' ');
      this.#functions
        .copy(`${this.declare(name.text)} = `)
        .append(edits.slice(text, afterModifiers(file, statement), statement.end))
        .copy(';');
    }
    this.#leaveLines(text, statement, file);
  }

  /** Lets the compiler do one statement, then rewrites the JavaScript that it gives. */
  #compiled(part: Part, statement: ts.Statement, isLast: boolean): void {
    const start = statement.getStart(part.file);
    const source = part.edits.slice(part.file.text, start, statement.end);
    const result = transpile(source, this.#options, true);
    const file = ts.createSourceFile(
      'statement.js',
      result.text,
      ts.ScriptTarget.ESNext,
      true,
      ts.ScriptKind.JS
    );
    const inner = new Rewriter(this.#chosen, this.#checker, this.#options);
    const edits = new Edits();
    inner.#resetNamespaces(file, edits, this.#names);
    inner.statements({ file, text: result.text, edits, valued: isLast, toCompile: never });
    for (const name of inner.#names) this.#names.add(name);
    this.#functions.append(throughMap(inner.#functions, result.segments));
    this.#body.append(throughMap(inner.#body, result.segments));
    this.#leaveLines(part.text, statement, part.file);
  }

  /** `var E; (function (E) { … })(E || (E = {}))` extends an E of this cell, but replaces one of an earlier cell. */
  #resetNamespaces(file: ts.SourceFile, edits: Edits, seen: ReadonlySet<string>): void {
    for (const statement of file.statements) {
      if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression))
        continue;
      const { arguments: values } = statement.expression;
      const name = values[0] && /^[\w$]+/.exec(values[0].getText(file))?.[0];
      if (!name || !values[0]?.getText(file).startsWith(`${name} || (${name} = `)) continue;
      const variable = this.#chosen.get(name) ?? name;
      if (!seen.has(variable)) edits.insert(statement.getStart(file), `${variable} = void 0;`);
      edits.replace(values[0].getStart(file), values[0].end, `${variable} || (${variable} = {})`);
    }
  }

  #leaveLines(text: string, statement: ts.Statement, file: ts.SourceFile): void {
    const start = statement.getStart(file);
    this.#body.copy(`;${linesOf(text.slice(start, statement.end))}`, start);
  }
}

const never: ReadonlySet<ts.Node> = new Set();

/** Whether a statement does something when its turn comes. */
function isStep(statement: ts.Statement): boolean {
  return !(
    isErased(statement) ||
    ts.isEmptyStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isImportDeclaration(statement) ||
    (ts.isModuleDeclaration(statement) && isAugmentation(statement))
  );
}

function topStatement(node: ts.Node): ts.Node {
  let at = node;
  while (!ts.isSourceFile(at.parent)) at = at.parent;
  return at;
}

function hasDecorators(node: ts.Node): boolean {
  const found = ts.canHaveDecorators(node) && ts.getDecorators(node) !== undefined;
  return found || (ts.forEachChild(node, child => hasDecorators(child) || undefined) ?? false);
}

const linesOf = (text: string): string => text.replace(/[^\n]/g, '');

/** Leaves out `export` and `default`. */
function dropExport(file: ts.SourceFile, statement: ts.Statement, edits: Edits): void {
  if (!ts.canHaveModifiers(statement)) return;
  for (const modifier of ts.getModifiers(statement) ?? []) {
    const { kind } = modifier;
    if (kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword) {
      edits.replace(modifier.getStart(file), modifier.end, '');
    }
  }
}

/** Where `class`, `function` or `async` begins, after `export default`. */
function afterModifiers(
  file: ts.SourceFile,
  statement: ts.ClassDeclaration | ts.FunctionDeclaration
): number {
  const dropped: ts.SyntaxKind[] = [
    ts.SyntaxKind.ExportKeyword,
    ts.SyntaxKind.DefaultKeyword,
    ts.SyntaxKind.AbstractKeyword
  ];
  const modifiers: readonly ts.ModifierLike[] = statement.modifiers ?? [];
  const last = modifiers.findLast(modifier => dropped.includes(modifier.kind));
  const next = last ? modifiers[modifiers.indexOf(last) + 1] : modifiers[0];
  if (next) return next.getStart(file);
  if (!last) return statement.getStart(file);
  const gap = /^\s*/.exec(file.text.slice(last.end))?.[0].length ?? 0;
  return last.end + gap;
}

function throughMap(text: MappedText, segments: readonly number[]): MappedText {
  const out = new TextBuilder();
  out.text = text.text;
  for (let at = 0; at < text.segments.length; at += 3) {
    const [from = 0, origin = 0, length = 0] = text.segments.slice(at, at + 3);
    for (let seg = 0; seg < segments.length; seg += 3) {
      const [inner = 0, source = 0, size = 0] = segments.slice(seg, seg + 3);
      const start = Math.max(inner, origin);
      const end = Math.min(inner + size, origin + length);
      if (start < end) out.segments.push(from + start - origin, source, end - start);
    }
  }
  return out;
}
