import ts from './ts.ts';
import { internals, type CellFile } from './internals.ts';

/** What a cell wants from outside. */
export interface CellWants {
  /** The names of the modules it mentions. */
  modules: string[];
  /** Its `declare global` and `declare module` blocks. */
  augmentations: string[];
}

/**
 * Parses a cell as a module of its own.
 * @param number Distinguishes the cells' files.
 */
export function parseCell(code: string, number: number): CellFile {
  const name = `/joulebook-cells/cell${number}.ts`;
  const file = ts.createSourceFile(
    name,
    code,
    {
      languageVersion: ts.ScriptTarget.ESNext,
      impliedNodeFormat: ts.ModuleKind.ESNext,
      setExternalModuleIndicator: source => {
        (source as { externalModuleIndicator?: ts.Node }).externalModuleIndicator = source;
      }
    },
    true,
    ts.ScriptKind.TS
  ) as CellFile;
  return Object.assign(file, {
    isCell: true as const,
    renamed: new Map<string, string>(),
    path: name,
    resolvedPath: name,
    originalFileName: name,
    imports: [],
    moduleAugmentations: [],
    ambientModuleNames: []
  });
}

/** Finds the modules and augmentations that a cell mentions, and notes the places of the names for the checker. */
export function wantsOf(file: CellFile): CellWants {
  const specifiers: ts.StringLiteralLike[] = [];
  const augmentations: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = moduleNameIn(node);
    if (name) specifiers.push(name);
    if (ts.isModuleDeclaration(node) && node.parent === file && isAugmentation(node)) {
      augmentations.push(node.getText(file));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  file.imports = specifiers;
  return { modules: specifiers.map(({ text }) => text), augmentations };
}

/** The module that an import or export names. */
export function moduleNameIn(node: ts.Node): ts.StringLiteralLike | undefined {
  const name =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isExternalModuleReference(node)
        ? node.expression
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
            ? node.argument.literal
            : undefined;
  return name && ts.isStringLiteralLike(name) ? name : undefined;
}

/** Whether a namespace only declares things for all cells, and so is nothing to run. */
export function isAugmentation(node: ts.ModuleDeclaration): boolean {
  return (node.flags & ts.NodeFlags.GlobalAugmentation) !== 0 || ts.isStringLiteral(node.name);
}

/** Binds a cell's names and hangs it below its predecessor, whose names it so sees. */
export function bindCell(
  file: CellFile,
  predecessor: ts.SourceFile,
  options: ts.CompilerOptions
): void {
  internals.bindSourceFile(file, options);
  (file as { parent: ts.Node }).parent = predecessor;
}
