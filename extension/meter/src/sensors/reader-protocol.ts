import type { SensorPlace } from './sensor.ts';

/**
 * What the main thread and the reader thread share: `wakes` counts reasons to wake up, `edges` the
 * window edges among them, `pace` is one of `paces`.
 */
export const control = { wakes: 0, edges: 1, pace: 2, length: 3 } as const;

/** How the reader reads: slowly, fast because a kernel is hot, less so because its cell has run long, or no more. */
export const paces = { cold: 0, hot: 1, stop: 2, steady: 3 } as const;

/** Name of a pace. */
export type Pace = keyof typeof paces;

/** The pace of a reader that goes on. */
export type LivePace = Exclude<Pace, 'stop'>;

/** What the main thread tells the reader. `index` names the sensor in batches. */
export type ReaderOrder =
  { kind: 'add'; index: number; place: SensorPlace } | { kind: 'remove'; index: number };

/**
 * Readings, four numbers each: sensor index, beforeNs, afterNs, microjoules. A gap has NaN in
 * place of microjoules and its reason next in `reasons`.
 */
export interface ReadingBatch {
  rows: Float64Array;
  reasons: string[];
}

/** Numbers in one row of a batch. */
export const rowLength = 4;
