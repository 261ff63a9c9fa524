import ts from './ts.ts';
import type { Checker } from './internals.ts';
import type { CellProgram } from './program.ts';

const unknownName = [2304, 2552];

/** A name that could be imported. */
export interface Importable {
  name: string;
  /** The import statement that brings it. */
  statement: string;
}

/**
 * Where a name that a cell does not know can be imported from.
 * @returns A sentence for the user; `undefined` when no known module exports the name.
 */
export function importHint(diagnostic: ts.Diagnostic, program: CellProgram): string | undefined {
  const { file, start, length, code } = diagnostic;
  if (!unknownName.includes(code) || !file || start === undefined) return undefined;
  const name = file.text.slice(start, start + (length ?? 0));
  const found = importables(program.root, program.checker, name).find(one => one.name === name);
  return found && `Did you mean: ${found.statement}`;
}

/** The names of the modules known so far. */
export function importedModules(root: ts.SourceFile): string[] {
  return root.statements
    .filter(ts.isImportDeclaration)
    .map(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text);
}

/** The names that known modules export and that begin with some letters. */
export function importables(root: ts.SourceFile, checker: Checker, start: string): Importable[] {
  const found: Importable[] = [];
  for (const statement of root.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const module = checker.getSymbolAtLocation(statement.moduleSpecifier);
    if (module === undefined) continue;
    const from = (statement.moduleSpecifier as ts.StringLiteral).text;
    for (const { name } of checker.getExportsOfModule(module)) {
      if (!name.startsWith(start) || name === 'default') continue;
      found.push({ name, statement: `import { ${name} } from '${from}'` });
    }
  }
  return found;
}
