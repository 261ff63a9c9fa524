import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const source = join(import.meta.dirname, '../../extension/lab/src');

/** Every text that the extension hands to the translator, with its plural where it has one. */
export function translatedStrings(): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(name) || name.includes('.test.')) continue;
    const text = readFileSync(join(source, name), 'utf8');
    collect(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true), name, found);
  }
  return found;
}

function collect(node: ts.Node, file: string, found: Map<string, string | null>): void {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const method = node.expression.name.text;
    if (method === '__' || method === '_n') {
      const texts = node.arguments.slice(0, method === '_n' ? 2 : 1);
      const [one, many] = texts.map(argument => literal(argument, file));
      if (one !== undefined) found.set(one, many ?? null);
    }
  }
  ts.forEachChild(node, child => collect(child, file, found));
}

/** A translator finds only texts that stand in the code as they are. */
function literal(node: ts.Expression, file: string): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  throw new Error(`expected a plain text for the translator in ${file}, got ${node.getText()}`);
}

/** A language in which every text is itself in brackets: what has none was not translated. */
export function pseudoLanguage(): Record<string, unknown> {
  const catalogue: Record<string, unknown> = {
    '': { domain: 'joulebook_lab', language: 'eo', plural_forms: 'nplurals=2; plural=(n != 1);' }
  };
  for (const [one, many] of translatedStrings()) {
    catalogue[one] = many === null ? [`⟦${one}⟧`] : [`⟦${one}⟧`, `⟦${many}⟧`];
  }
  return catalogue;
}
