import ts from './ts.ts';
import type { Edits } from './edits.ts';
import { isErased } from './rename.ts';

/** The object that the kernel gives to the cells' scripts. */
export const runtimeName = '__joulebook';

/**
 * Rewrites what stands inside expressions: `import()` and `import.meta` become the kernel's, for a cell is no module, and each
 * `await` passes by the kernel first, which ends it there after an interrupt.
 */
export function rewriteExpressions(file: ts.SourceFile, edits: Edits): void {
  const visit = (node: ts.Node): void => {
    if (isErased(node)) return;
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      edits.replace(node.expression.getStart(file), node.expression.end, `${runtimeName}.import`);
    } else if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      edits.replace(node.getStart(file), node.end, `${runtimeName}.meta`);
    } else if (ts.isAwaitExpression(node)) {
      edits.insert(node.expression.getStart(file), `${runtimeName}.go(`);
      ts.forEachChild(node, visit);
      edits.insert(node.expression.end, ')');
      return;
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
}
