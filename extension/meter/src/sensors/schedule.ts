import type { SensorDescription } from './sensor.ts';

/** Counters this fast are locked by polling without sleep; slower ones by timed reads. */
const spinBelowNs = 3_000_000;
const fastestNs = 5_000_000;
const modelHotNs = 100_000_000;
const shownHotNs = 50_000_000;
const coldNs = 500_000_000;

/** When a sensor is read. Times in ns. */
export interface Schedule {
  /** Between two reads while a kernel is hot. */
  hotNs: number;
  /** Between two reads otherwise. */
  coldNs: number;
  /**
   * At a window edge the reader polls until the counter ticks twice: `spin` without a pause, `timed`
   * every `stepNs`; `none` reads once.
   */
  lock: 'spin' | 'timed' | 'none';
  stepNs: number;
  /** A lock that has seen nothing for this long gives up: five updates. */
  patienceNs: number;
}

/**
 * The schedule of a sensor by how often its counter is updated.
 * 200 Hz for RAPL: a power wave of 20 ms needs it (2.3 % median error at 5 ms; at 50 Hz 18 %).
 */
export function scheduleOf(description: SensorDescription): Schedule {
  const { kind, periodNs, contained, averageNs = 0 } = description;
  const patienceNs = 5 * periodNs;
  if (kind === 'modelled') {
    return { hotNs: modelHotNs, coldNs: 2 * coldNs, lock: 'none', stepNs: 0, patienceNs };
  }
  // What is shown and never added need not be as sharp as what is.
  if (contained) return { hotNs: shownHotNs, coldNs, lock: 'none', stepNs: 0, patienceNs };
  const spin = periodNs < spinBelowNs;
  return {
    hotNs: Math.max(fastestNs, periodNs / 5),
    coldNs: Math.max(coldNs, periodNs / 2),
    // A mean over a second has no ticks worth waiting for.
    lock: averageNs > 0 ? 'none' : spin ? 'spin' : 'timed',
    stepNs: spin ? 0 : periodNs / 40,
    patienceNs
  };
}
