import type { Measure } from '../api/types';
import type { Row } from './row';

/** A line of the table as it is drawn: a cell, or one of its `measure()` blocks. */
export type Item =
  | { type: 'cell'; key: string; row: Row; expanded: boolean }
  | { type: 'measure'; key: string; row: Row; measure: Measure; depth: number };

/** Which rows are kept. */
export type RowTest = (row: Row) => boolean;

/**
 * The lines of the table, in order: rows that pass the test, each followed by its blocks when it is
 * expanded.
 * @param byCost Costliest first; running cells keep the place that they have earned so far.
 */
export function tableItems(
  rows: readonly Row[],
  expanded: ReadonlySet<string>,
  byCost: boolean,
  keep: RowTest
): Item[] {
  const kept = rows.filter(keep);
  if (byCost) kept.sort((a, b) => (b.energy.joules ?? -1) - (a.energy.joules ?? -1));
  return kept.flatMap(row => {
    const open = expanded.has(row.key);
    const cell: Item = { type: 'cell', key: row.key, row, expanded: open };
    return open ? [cell, ...measureItems(row)] : [cell];
  });
}

/** The blocks of a row, each after the block around it. */
function measureItems(row: Row): Item[] {
  const measures = row.execution?.measures ?? [];
  const known = new Set(measures.map(measure => measure.id));
  const childrenOf = (parent: string | null, depth: number): Item[] =>
    depth > 20
      ? []
      : measures
          .filter(
            m => (m.parent_id !== null && known.has(m.parent_id) ? m.parent_id : null) === parent
          )
          .flatMap(measure => [
            {
              type: 'measure' as const,
              key: `${row.key}/${measure.id}`,
              row,
              measure,
              depth
            },
            ...childrenOf(measure.id, depth + 1)
          ]);
  return childrenOf(null, 0);
}

/** A stretch of a long list: indices `from` up to but not including `to`. */
export interface Stretch {
  from: number;
  to: number;
}

/** Up to this many lines are drawn whether they are in sight or not, so that find-in-page works. */
const SHORT = 100;

/** Where each line begins, and after the last one where the list ends. */
export function offsetsOf(heights: readonly number[]): number[] {
  const offsets = [0];
  for (const height of heights) offsets.push((offsets[offsets.length - 1] ?? 0) + height);
  return offsets;
}

/**
 * The lines to draw: all of a short list, of a long one those in sight and a few beside them.
 * @param offsets From `offsetsOf`.
 * @param margin How many lines are drawn beyond each edge.
 */
export function visibleStretch(
  offsets: readonly number[],
  top: number,
  height: number,
  margin = 6
): Stretch {
  const count = offsets.length - 1;
  if (count <= SHORT) return { from: 0, to: count };
  const from = Math.max(0, lowerBound(offsets, top) - 1 - margin);
  const to = Math.min(count, lowerBound(offsets, top + height) + margin);
  return { from: Math.min(from, count), to };
}

/** The first index whose offset is at least `value`. */
function lowerBound(offsets: readonly number[], value: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
