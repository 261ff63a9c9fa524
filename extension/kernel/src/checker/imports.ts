import ts from './ts.ts';
import type { MappedText } from './edits.ts';
import { TextBuilder } from './edits.ts';
import { runtimeName } from './expressions.ts';
import type { Checker } from './internals.ts';
import type { Variables } from './variables.ts';

/**
 * The assignments that an import statement becomes; empty when it only brings types.
 * @param checker Tells values from types; absent for JavaScript, where all are values.
 */
export function importAssignments(
  file: ts.SourceFile,
  statement: ts.ImportDeclaration,
  variables: Variables,
  checker?: Checker
): MappedText {
  const out = new TextBuilder();
  if (!ts.isStringLiteralLike(statement.moduleSpecifier)) return out;
  const start = statement.getStart(file);
  const load = `await ${runtimeName}.import(${JSON.stringify(statement.moduleSpecifier.text)})`;
  const clause = statement.importClause;
  if (clause === undefined) return out.copy(`${load};`, start);
  if (clause.isTypeOnly) return out;
  const { namespace, members } = importedNames(clause, checker);
  if (namespace === undefined && members.length === 0) {
    return clause.name || hasElements(clause) ? out : out.copy(`${load};`, start);
  }
  const pattern = members.map(
    ([property, name]) => `${JSON.stringify(property)}: ${variables.declare(name)}`
  );
  const target = namespace === undefined ? undefined : variables.declare(namespace);
  const source = target === undefined ? load : `${target} = ${load}`;
  return out.copy(
    pattern.length > 0 ? `({${pattern.join(', ')}} = ${source});` : `${source};`,
    start
  );
}

function hasElements(clause: ts.ImportClause): boolean {
  const named = clause.namedBindings;
  return named !== undefined && (ts.isNamespaceImport(named) || named.elements.length > 0);
}

function importedNames(
  clause: ts.ImportClause,
  checker?: Checker
): { namespace?: string; members: [property: string, name: string][] } {
  const isValue = (name: ts.Identifier): boolean => !checker || bringsValue(name, checker);
  const members: [string, string][] = [];
  if (clause.name && isValue(clause.name)) members.push(['default', clause.name.text]);
  const named = clause.namedBindings;
  if (named && ts.isNamespaceImport(named)) {
    return { namespace: isValue(named.name) ? named.name.text : undefined, members };
  }
  for (const element of named?.elements ?? []) {
    if (element.isTypeOnly || !isValue(element.name)) continue;
    members.push([(element.propertyName ?? element.name).text, element.name.text]);
  }
  return { members };
}

function bringsValue(name: ts.Identifier, checker: Checker): boolean {
  const symbol = checker.getSymbolAtLocation(name);
  if (symbol === undefined || (symbol.flags & ts.SymbolFlags.Alias) === 0) return true;
  return (checker.getAliasedSymbol(symbol).flags & ts.SymbolFlags.Value) !== 0;
}

/** The assignment that `import x = require('y')` or `import x = Namespace.y` becomes. */
export function importEquals(
  file: ts.SourceFile,
  statement: ts.ImportEqualsDeclaration,
  variables: Variables,
  checker?: Checker
): MappedText {
  const out = new TextBuilder();
  if (statement.isTypeOnly || (checker && !bringsValue(statement.name, checker))) return out;
  const reference = statement.moduleReference;
  const value = ts.isExternalModuleReference(reference)
    ? `require(${reference.expression.getText(file)})`
    : reference.getText(file);
  return out.copy(
    `${variables.declare(statement.name.text)} = ${value};`,
    statement.getStart(file)
  );
}
