import ts from './ts.ts';
import type { Edits } from './edits.ts';
import { isCell, type CellFile, type Checker } from './internals.ts';

/** Names that libraries look for to learn where they run: a cell's own variable must not answer them. */
const probed = [
  ...['window', 'document', 'self', 'define', 'module', 'exports', 'require', 'importScripts'],
  ...['XMLHttpRequest', 'HTMLElement', 'Image', 'ImageData', 'OffscreenCanvas', 'location'],
  ...['WebGLRenderingContext', 'Deno', 'Bun', 'input']
];
const taken = new Set([...Object.getOwnPropertyNames(globalThis), ...probed]);

/** Chooses the run-time variables of the cells' names. */
export class Bindings {
  /** The latest symbol and variable of each name. */
  readonly #current = new Map<string, { symbol: ts.Symbol; variable: string }>();
  #fresh = 0;
  /** Whether any name ever got a variable of another name. */
  any = false;

  /**
   * Chooses the variables for the names that a checked cell declares. A name declared again with the same type keeps its
   * variable, so older functions see the new value; with another type it gets a new one, and they keep the right one.
   */
  declare(file: CellFile, checker: Checker): Map<string, string> {
    const chosen = new Map<string, { symbol: ts.Symbol; variable: string }>();
    for (const [name, symbol] of file.locals) {
      const value = valueOf(symbol, checker);
      if (value === undefined) continue;
      const before = this.#current.get(name);
      const variable =
        before === undefined
          ? taken.has(name)
            ? this.#freshVariable(name)
            : name
          : sameType(before.symbol, symbol, checker)
            ? before.variable
            : this.#freshVariable(name);
      if (variable !== name) file.renamed.set(name, variable);
      this.any ||= variable !== name;
      chosen.set(name, { symbol, variable });
    }
    this.#pending = chosen;
    return new Map([...chosen].map(([name, { variable }]) => [name, variable]));
  }

  #pending = new Map<string, { symbol: ts.Symbol; variable: string }>();

  /** Makes the variables of the last `declare` those of later cells. */
  keep(): void {
    for (const [name, binding] of this.#pending) this.#current.set(name, binding);
  }

  #freshVariable(name: string): string {
    this.#fresh += 1;
    return `${name}$${this.#fresh}`;
  }
}

/** The symbol behind a declared name when it is a value, `undefined` for types. */
function valueOf(symbol: ts.Symbol, checker: Checker): ts.Symbol | undefined {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return target.flags & ts.SymbolFlags.Value ? target : undefined;
}

function sameType(before: ts.Symbol, now: ts.Symbol, checker: Checker): boolean {
  const old = valueOf(before, checker);
  const young = valueOf(now, checker);
  if (old === undefined || young === undefined) return false;
  if (old === young) return true;
  const [a, b] = [old, young].map(symbol =>
    checker.getBaseTypeOfLiteralType(checker.getTypeOfSymbol(symbol))
  ) as [ts.Type, ts.Type];
  return a === b || (checker.isTypeAssignableTo(a, b) && checker.isTypeAssignableTo(b, a));
}

/** Rewrites the references to names whose variables are called otherwise. */
export function renameReferences(file: CellFile, checker: Checker, edits: Edits): void {
  const visit = (node: ts.Node): void => {
    if (isErased(node)) return;
    if (ts.isIdentifier(node)) renameIdentifier(node, file, checker, edits);
    else ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
}

function renameIdentifier(
  node: ts.Identifier,
  file: CellFile,
  checker: Checker,
  edits: Edits
): void {
  const { parent } = node;
  if (!isReference(node, parent)) return;
  const symbol = checker.resolveName(node.text, node, ts.SymbolFlags.Value, true);
  const owner = symbol?.declarations?.[0]?.getSourceFile();
  if (!symbol || !owner || !isCell(owner) || owner.locals.get(node.text) !== symbol) return;
  const variable = owner.renamed.get(node.text);
  if (variable === undefined) return;
  const start = node.getStart(file);
  if (namesItsProperty(node, parent)) edits.insert(start, `${node.text}: `);
  edits.replace(start, node.end, variable);
}

/** Whether an identifier reads or writes a variable, rather than naming a property, a label or a declaration. */
function isReference(node: ts.Identifier, parent: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  if (ts.isVariableDeclaration(parent)) return true;
  if (ts.isClassDeclaration(parent) || ts.isFunctionDeclaration(parent)) return false;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isExportSpecifier(parent)) {
    return false;
  }
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false;
  if (ts.isMetaProperty(parent)) return false;
  return (parent as Partial<ts.NamedDeclaration>).name !== node;
}

/** Whether an identifier is both a property's name and a variable: `{ x }`. */
function namesItsProperty(node: ts.Identifier, parent: ts.Node): boolean {
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  return (
    ts.isBindingElement(parent) &&
    parent.name === node &&
    parent.propertyName === undefined &&
    parent.dotDotDotToken === undefined &&
    ts.isObjectBindingPattern(parent.parent)
  );
}

/** Whether nothing of a node is left in JavaScript. */
export function isErased(node: ts.Node): boolean {
  return (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) ||
    (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword) ||
    (ts.canHaveModifiers(node) &&
      (ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) ?? false))
  );
}
