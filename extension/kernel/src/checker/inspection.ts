import ts from './ts.ts';
import { internals, neverCancelled, type CellFile, type Program } from './internals.ts';
import type { InspectAnswer } from './protocol.ts';

/** What is known of the name at the cursor; inside a call's brackets, of the function called. */
export function inspect(program: Program, file: CellFile, at: number): InspectAnswer | undefined {
  return nameAt(program, file, at) ?? nameAt(program, file, at - 1) ?? callAt(program, file, at);
}

function nameAt(program: Program, file: CellFile, at: number): InspectAnswer | undefined {
  if (at < 0) return undefined;
  const node = internals.getTouchingPropertyName(file, at);
  if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node)) return undefined;
  const checker = program.getTypeChecker();
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol === undefined) return undefined;
  const parts = internals.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
    checker,
    symbol,
    file,
    node,
    node
  );
  return {
    signature: ts.displayPartsToString(parts.displayParts),
    documentation: documentation(parts.documentation, parts.tags ?? [])
  };
}

function callAt(program: Program, file: CellFile, at: number): InspectAnswer | undefined {
  const help = internals.SignatureHelp.getSignatureHelpItems(
    program,
    file,
    at,
    undefined,
    neverCancelled
  );
  const item = help?.items[help.selectedItemIndex];
  if (item === undefined) return undefined;
  const text = ts.displayPartsToString;
  const parameters = item.parameters
    .map(({ displayParts }) => text(displayParts))
    .join(text(item.separatorDisplayParts));
  const current = item.parameters[help?.argumentIndex ?? 0];
  const about = current ? text(current.documentation) : '';
  return {
    signature: `${text(item.prefixDisplayParts)}${parameters}${text(item.suffixDisplayParts)}`,
    documentation: [
      documentation(item.documentation, item.tags),
      about && current ? `**${current.name}**: ${about}` : ''
    ]
      .filter(part => part !== '')
      .join('\n\n')
  };
}

function documentation(
  parts: readonly ts.SymbolDisplayPart[],
  tags: readonly ts.JSDocTagInfo[]
): string {
  const lines = tags.map(({ name, text }) =>
    `*@${name}* ${ts.displayPartsToString(text && [...text])}`.trimEnd()
  );
  return [ts.displayPartsToString([...parts]), lines.join('  \n')]
    .filter(part => part !== '')
    .join('\n\n');
}
