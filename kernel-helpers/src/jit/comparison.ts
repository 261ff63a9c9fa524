/** Two ways of running a recorded function. */
export type Way = 'xla' | 'plain';

/** Calls of each way that are timed. */
const callsOfEach = 5;

/** So much of XLA's time may the plain way take at most to be preferred: less is what a busy machine does to a few calls. */
const worthwhile = 0.9;

/**
 * Finds out which way is the quicker one, from calls that are made anyway. On a processor XLA is not always: it computes what it fuses again
 * for each use and on one core, so that a backward pass of an LSTM takes twice as long as operation by operation.
 */
export class Comparison {
  readonly #times: Record<Way, number[]> = { xla: [], plain: [] };

  /** The way of the next call, by turns. */
  get next(): Way {
    return this.#times.xla.length > this.#times.plain.length ? 'plain' : 'xla';
  }

  /** The quicker way by the median, XLA unless the plain one is clearly so; undefined while too few calls were timed. */
  get quicker(): Way | undefined {
    if (this.#times.plain.length < callsOfEach) return undefined;
    return this.#median('plain') < worthwhile * this.#median('xla') ? 'plain' : 'xla';
  }

  /** In words, why XLA is given up. */
  get note(): string {
    const [plain, xla] = [this.#median('plain'), this.#median('xla')].map(ms => ms.toPrecision(2));
    return `without XLA a call took ${plain} ms here, with it ${xla} ms`;
  }

  /**
   * Takes note of a call.
   * @param way How it ran.
   * @param ms How long it took, in milliseconds.
   */
  add(way: Way, ms: number): void {
    this.#times[way].push(ms);
  }

  #median(way: Way): number {
    const sorted = this.#times[way].toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? NaN;
  }
}
