/** One look at how long a value lasted, in ns. */
interface Look {
  gapNs: number;
  /** How wrong that may be. */
  blurNs: number;
  /** The value was read more than once, so that no update between was overlooked. */
  isWhole: boolean;
}

const KEPT = 32;
const ENOUGH = 5;
/** A counter is slower than it claims when its updates are this many times as far apart. */
const SLOWER = 1.5;
const REGULAR = { least: 0.7, most: 1.3, share: 0.75 };
/** Looks blurred by more than this share of themselves tell no period, and no regularity. */
const BLURRED = 0.5;
const SHARP = 0.2;
/** Two updates in a row show a faster pace only when they were read this much faster than it. */
const FASTER = 0.75;
/** A writer that a busy machine delays may show a value this long after it was true. */
const LATE_NS = 5e6;

/**
 * Learns how often a counter is really updated: hypervisors that emulate RAPL take 10 ms to 1 s
 * instead of 1 ms, and a writer may be late now and then. The median of the times between changes
 * tells the period whatever a few stalls do.
 */
export class Pace {
  readonly #nominalNs: number;
  readonly #looks: Look[] = [];
  /** Median of whole looks. */
  #median = Infinity;
  #periodNs: number;
  #isRegular = true;

  constructor(nominalNs: number) {
    this.#nominalNs = nominalNs;
    this.#periodNs = nominalNs;
  }

  /** Time between two updates: the nominal one unless the counter turns out to be slower. */
  get periodNs(): number {
    return this.#periodNs;
  }

  /** Whether one update tells when the one before it was. */
  get isRegular(): boolean {
    return this.#isRegular;
  }

  /** How long before it was first seen a value may have been true. */
  get lateNs(): number {
    return this.#isRegular ? 0 : Math.min(LATE_NS, 5 * this.#nominalNs);
  }

  /**
   * Takes the time between two changes of the value.
   * @param blurNs How wrong it may be, as each change happened between two reads.
   * @param isWhole Whether a read between them saw the first value again.
   */
  change(gapNs: number, blurNs: number, isWhole: boolean): void {
    if (!(gapNs > 0) || (isWhole && blurNs > BLURRED * gapNs)) return;
    if (!isWhole && gapNs >= FASTER * this.#median) return;
    this.#looks.push({ gapNs, blurNs, isWhole });
    if (this.#looks.length > KEPT) this.#looks.shift();
    this.#judge();
  }

  #judge(): void {
    const whole = this.#whole();
    const median = medianOf(whole);
    this.#median = median;
    const faster = this.#looks.filter(look => !look.isWhole && look.gapNs < FASTER * median);
    const isSlower =
      whole.length >= ENOUGH && whole.length > faster.length && median > SLOWER * this.#nominalNs;
    this.#periodNs = isSlower ? median : this.#nominalNs;
    const sharp = this.#whole(SHARP);
    const near = sharp.filter(
      gap => gap >= REGULAR.least * this.#periodNs && gap <= REGULAR.most * this.#periodNs
    );
    this.#isRegular = sharp.length < ENOUGH || near.length >= REGULAR.share * sharp.length;
  }

  #whole(blurred = BLURRED): number[] {
    return this.#looks
      .filter(({ gapNs, blurNs, isWhole }) => isWhole && blurNs <= blurred * gapNs)
      .map(({ gapNs }) => gapNs);
  }
}

/** Infinity for none. */
function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Infinity;
}
