import ts from './ts.ts';
import type { Edits } from './edits.ts';

/** Chooses and collects the variables that a cell assigns. */
export interface Variables {
  /** The variable of a name that the cell declares at its top level. */
  declare(name: string): string;
}

/**
 * Turns a cell's own `const`, `let` or `var` statement into assignments to variables that outlive the cell.
 * The texts keep their length of lines, so that positions stay.
 */
export function assignStatement(
  file: ts.SourceFile,
  statement: ts.VariableStatement,
  variables: Variables,
  edits: Edits
): void {
  const list = statement.declarationList;
  const start = statement.getStart(file);
  const from = list.getStart(file);
  for (const name of namesIn(list)) variables.declare(name);
  if (isUsing(list)) {
    edits.replace(start, from, ' '.repeat(from - start));
    for (const declaration of list.declarations) disposeLater(file, declaration, variables, edits);
    return;
  }
  const bare = list.declarations.every(({ initializer }) => initializer === undefined);
  if (bare && isVar(list)) {
    edits.replace(start, statement.end, ';'); // `var x;` keeps the value of an earlier x
    return;
  }
  edits.replace(start, list.declarations[0]?.getStart(file) ?? from, ';(');
  for (const { initializer, end } of list.declarations) {
    if (initializer === undefined) edits.insert(end, ' = void 0');
  }
  edits.insert(scriptEnd(list), ');');
}

/** `using x = y` becomes `using x$ = (x = y)`: later cells see x, which is disposed of when its cell ends. */
function disposeLater(
  file: ts.SourceFile,
  declaration: ts.VariableDeclaration,
  variables: Variables,
  edits: Edits
): void {
  if (!ts.isIdentifier(declaration.name) || !declaration.initializer) return;
  const { name, initializer } = declaration;
  const variable = variables.declare(name.text);
  edits.insert(name.getStart(file), `${variable}$using = (`);
  edits.insert(scriptEnd(initializer), ')');
}

/** Lets a `var` inside the cell's blocks and loops, which belongs to the cell as a whole, outlive it too. */
export function hoistNestedVars(
  file: ts.SourceFile,
  statement: ts.Statement,
  variables: Variables,
  edits: Edits
): void {
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isVariableDeclarationList(node) && isVar(node)) {
      for (const name of namesIn(node)) variables.declare(name);
      assignNested(file, node, edits);
    }
    ts.forEachChild(node, visit);
  };
  visit(statement);
}

function assignNested(file: ts.SourceFile, list: ts.VariableDeclarationList, edits: Edits): void {
  const { parent, declarations } = list;
  const first = declarations[0];
  if (!first) return;
  const start = list.getStart(file);
  if (ts.isForInStatement(parent) || ts.isForOfStatement(parent)) {
    edits.replace(start, first.getStart(file), '');
    return;
  }
  const inBlock = ts.isVariableStatement(parent) && !isBody(parent);
  edits.replace(start, first.getStart(file), inBlock ? ';(' : '(');
  for (const declaration of declarations) {
    if (!declaration.initializer) {
      edits.replace(declaration.getStart(file), declaration.end, 'void 0');
    }
  }
  edits.insert(scriptEnd(list), ')');
}

/** Whether a statement is the whole body of an `if` or a loop, where a semicolon before it would end that. */
function isBody(statement: ts.Statement): boolean {
  return !ts.isBlock(statement.parent) && !ts.isCaseOrDefaultClause(statement.parent);
}

function isVar(list: ts.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.BlockScoped) === 0;
}

function isUsing(list: ts.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.BlockScoped) >= Number(ts.NodeFlags.Using);
}

function namesIn(list: ts.VariableDeclarationList): string[] {
  const names: string[] = [];
  const collect = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text);
    else
      for (const element of name.elements) if (ts.isBindingElement(element)) collect(element.name);
  };
  for (const { name } of list.declarations) collect(name);
  return names;
}

/**
 * Where a node ends as JavaScript: before a closing `as T` or `satisfies T`, in whose place a semicolon may stand.
 */
export function scriptEnd(node: ts.Node): number {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return scriptEnd(node.expression);
  let last: ts.Node | undefined;
  ts.forEachChild(node, child => {
    if (child.end === node.end && !ts.isTypeNode(child)) last = child;
  });
  return last ? scriptEnd(last) : node.end;
}
