import { apportion } from './apportion.ts';
import type { Split } from './policy.ts';
import type { Account } from './types.ts';

const KEPT = 2048;

/** A stretch of time between two settled boundaries, and where its energy went. */
export interface Span {
  fromNs: number;
  toNs: number;
  /** What the corrected counter advanced, in integer microjoules. */
  advance: number;
  /** Nothing is known about it. */
  isGap: boolean;
  /** The part of the advance that could not be given to anybody: all of it in a gap. */
  gap: number;
  split: Split;
  /** Idle energy for each of the windows that cover it, an estimate in microjoules. */
  idle: number;
  /** Standard deviation of each kernel's energy in microjoules. */
  deviations: Map<string, number>;
}

/** One sensor's spans in time order without a hole: the integer account. */
export class Book {
  #spans: Span[] = [];

  /** End of the last span in ns, NaN before the first one. */
  get endNs(): number {
    return this.#spans.at(-1)?.toNs ?? NaN;
  }

  /** Adds the span that follows the last one. */
  append(span: Span): void {
    this.#spans.push(span);
    if (this.#spans.length >= 2 * KEPT) {
      const [first, ...rest] = this.#spans.splice(0, KEPT);
      this.#spans.unshift(rest.reduce(joined, first!));
    }
  }

  /** Spans that lie in [fromNs, toNs). */
  *between(fromNs: number, toNs: number): Generator<Span> {
    for (let i = this.#spans.length - 1; i >= 0; i--) {
      const span = this.#spans[i]!;
      if (span.toNs <= fromNs) return;
      if (span.fromNs >= fromNs && span.toNs <= toNs) yield span;
    }
  }

  /**
   * Makes `ns` a boundary by cutting the span around it.
   * @param valueNow What the counter had advanced since that span's start, in microjoules.
   */
  cut(ns: number, valueNow: (span: Span) => number): void {
    const i = this.#spans.findLastIndex(span => span.fromNs < ns);
    const span = this.#spans[i];
    if (span === undefined || span.toNs <= ns) return;
    const head = Math.min(span.advance, Math.max(0, Math.round(valueNow(span))));
    const keys: [Map<string, number>, string][] = [];
    const { cells, background, other, idle } = span.split;
    for (const map of [cells, background]) for (const key of map.keys()) keys.push([map, key]);
    const amounts = [...keys.map(([map, key]) => map.get(key)!), other, idle, span.gap];
    const parts = apportion(head, amounts);
    const first: Split = { cells: new Map(), background: new Map(), other: 0, idle: 0 };
    const second: Split = { cells: new Map(), background: new Map(), other: 0, idle: 0 };
    keys.forEach(([map, key], k) => {
      const name = map === cells ? 'cells' : 'background';
      first[name].set(key, parts[k]!);
      second[name].set(key, amounts[k]! - parts[k]!);
    });
    first.other = parts[keys.length]!;
    first.idle = parts[keys.length + 1]!;
    second.other = other - first.other;
    second.idle = idle - first.idle;
    const gap = parts[keys.length + 2]!;
    const share = (ns - span.fromNs) / (span.toNs - span.fromNs);
    this.#spans.splice(
      i,
      1,
      { ...span, ...scaled(span, share), toNs: ns, advance: head, split: first, gap },
      {
        ...span,
        ...scaled(span, 1 - share),
        fromNs: ns,
        advance: span.advance - head,
        split: second,
        gap: span.gap - gap
      }
    );
  }

  /** Adds up the spans between two settled boundaries. */
  account(fromNs: number, toNs: number): Account {
    const sum: Account = { advance: 0, cells: 0, background: 0, idle: 0, other: 0, gap: 0 };
    for (const span of this.between(fromNs, toNs)) {
      sum.advance += span.advance;
      sum.gap += span.gap;
      for (const microjoules of span.split.cells.values()) sum.cells += microjoules;
      for (const microjoules of span.split.background.values()) sum.background += microjoules;
      sum.idle += span.split.idle;
      sum.other += span.split.other;
    }
    return sum;
  }
}

function scaled({ idle, deviations }: Span, share: number): Pick<Span, 'idle' | 'deviations'> {
  const smaller = [...deviations].map(([key, value]) => [key, value * share] as const);
  return { idle: idle * share, deviations: new Map(smaller) };
}

function joined(a: Span, b: Span): Span {
  const split: Split = {
    cells: new Map(a.split.cells),
    background: new Map(a.split.background),
    other: a.split.other + b.split.other,
    idle: a.split.idle + b.split.idle
  };
  for (const name of ['cells', 'background'] as const) {
    for (const [key, microjoules] of b.split[name]) {
      split[name].set(key, (split[name].get(key) ?? 0) + microjoules);
    }
  }
  const [advance, gap] = [a.advance + b.advance, a.gap + b.gap];
  return { ...a, toNs: b.toNs, advance, gap, isGap: a.isGap && b.isGap, split };
}
