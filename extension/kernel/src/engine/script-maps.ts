import type { Compiled } from '../checker/protocol.ts';

interface ScriptMap {
  /** What a stack shows as the place. */
  label: string;
  /** The user's text. */
  source: string;
  segments: readonly number[];
  /** Offsets of the script's lines. */
  lines: number[];
  sourceLines: number[];
}

/** A place in the user's text. */
export interface Place {
  label: string;
  /** 1-based. */
  line: number;
  /** 1-based. */
  column: number;
}

/** Knows where each line of a script came from. */
export class ScriptMaps {
  readonly #maps = new Map<string, ScriptMap>();
  #count = 0;

  /**
   * Adds a cell's script.
   * @returns The file name to run it under.
   */
  addCell(compiled: Compiled, source: string, count: number): string {
    this.#count += 1;
    const name = `joulebook-cell-${this.#count}.ts`;
    this.add(name, { ...compiled, source, label: `Cell ${count}` });
    return name;
  }

  /** Adds a script that was made from another text. */
  add(
    name: string,
    script: { js: string; segments: readonly number[]; source: string; label: string }
  ): void {
    this.#maps.set(name, {
      label: script.label,
      source: script.source,
      segments: script.segments,
      lines: lineStarts(script.js),
      sourceLines: lineStarts(script.source)
    });
  }

  /** The user's own place of a script's; `undefined` for scripts not made here. */
  place(name: string, line: number, column: number): Place | undefined {
    const map = this.#maps.get(name);
    if (map === undefined) return undefined;
    const offset = (map.lines[line - 1] ?? 0) + column - 1;
    const origin = originOf(map.segments, offset);
    let at = map.sourceLines.findLastIndex(start => start <= origin);
    at = Math.max(0, at);
    return { label: map.label, line: at + 1, column: origin - (map.sourceLines[at] ?? 0) + 1 };
  }

  /** The text of the script that a label names, the latest one. */
  source(label: string): string | undefined {
    return [...this.#maps.values()].findLast(map => map.label === label)?.source;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function originOf(segments: readonly number[], offset: number): number {
  let low = 0;
  let high = segments.length / 3 - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((segments[middle * 3] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const [from = 0, origin = 0, length = 0] = segments.slice(low * 3, low * 3 + 3);
  return origin + Math.max(0, Math.min(offset - from, length - 1));
}
