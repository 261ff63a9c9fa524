import { Script } from 'node:vm';
import ts from './ts.ts';
import { TextBuilder, type MappedText } from './edits.ts';

interface Mapping {
  generatedLine: number;
  generatedCharacter: number;
  sourceLine?: number;
  sourceCharacter?: number;
}

const internalMappings = ts as unknown as {
  decodeMappings(text: string): Iterable<Mapping>;
};

/**
 * Compiles what cannot be had by leaving the types out: enums, namespaces, parameter properties, decorators.
 * @param statement One statement or a whole file, with the places its parts came from.
 * @param keepImports Whether imports stay that only bring types, as far as this file tells.
 */
export function transpile(
  statement: MappedText,
  options: ts.CompilerOptions,
  keepImports: boolean
): MappedText {
  const { outputText, sourceMapText } = ts.transpileModule(statement.text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: keepImports,
      experimentalDecorators: options.experimentalDecorators,
      emitDecoratorMetadata: options.emitDecoratorMetadata,
      useDefineForClassFields: options.useDefineForClassFields,
      sourceMap: true
    }
  });
  const code = outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '');
  const map = JSON.parse(sourceMapText ?? '{"mappings":""}') as { mappings: string };
  return { text: code, segments: segmentsOf(code, map.mappings, statement) };
}

/** Compiles the `using` of a script away, where the engine does not know it: Node 22 and older. */
export function withoutUsing(script: MappedText, options: ts.CompilerOptions): MappedText {
  return engineHasUsing() || !/\busing\b/.test(script.text)
    ? script
    : transpile(script, options, true);
}

let hasUsing: boolean | undefined;

function engineHasUsing(): boolean {
  if (hasUsing !== undefined) return hasUsing;
  try {
    hasUsing = new Script('{ using nothing = null }') instanceof Script;
  } catch {
    hasUsing = false;
  }
  return hasUsing;
}

function segmentsOf(code: string, mappings: string, statement: MappedText): number[] {
  const generated = lineStarts(code);
  const source = lineStarts(statement.text);
  const out = new TextBuilder();
  let last: { at: number; origin: number } | undefined;
  const flush = (until: number): void => {
    if (last && until > last.at) out.segments.push(last.at, last.origin, until - last.at);
  };
  for (const mapping of internalMappings.decodeMappings(mappings)) {
    if (mapping.sourceLine === undefined) continue;
    const at = (generated[mapping.generatedLine] ?? 0) + mapping.generatedCharacter;
    const from = (source[mapping.sourceLine] ?? 0) + (mapping.sourceCharacter ?? 0);
    flush(at);
    last = { at, origin: originOf(statement.segments, from) };
  }
  flush(code.length);
  return out.segments;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/**
 * Where a place in a made text came from.
 * @param segments As in `MappedText`.
 */
export function originOf(segments: readonly number[], offset: number): number {
  let best = 0;
  for (let at = 0; at < segments.length; at += 3) {
    const [from = 0, origin = 0, length = 0] = segments.slice(at, at + 3);
    if (from > offset) break;
    best = origin + Math.min(offset - from, Math.max(0, length - 1));
  }
  return best;
}
