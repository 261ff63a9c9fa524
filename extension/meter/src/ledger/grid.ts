import { findRegularity, type Tick } from './regularity.ts';

/** When an update happened, in ns. */
export interface Moment {
  fromNs: number;
  toNs: number;
  /** How far a single update may lie from the beat. */
  halfNs: number;
}

/** When something was read: it took its value somewhere in between, in ns. */
export interface Read {
  fromNs: number;
  toNs: number;
}

/** The period is sought first near the guess, as quartz errs, then farther: 976.6 us and 1 ms are both "1 ms". */
const NEAR = 2e-4;
const FAR = 0.03;
/** Seconds of ticks that are searched for a period: the wider the search, the fewer. */
const NEAR_SPAN_PERIODS = 2e4;
const FAR_SPAN_PERIODS = 2e3;
const KEPT = 32;
const SEARCH_EVERY = 4;
/** An update this uncertain, as a share of the period, cannot be told from its neighbours. */
const AMBIGUOUS = 0.15;
/** A tick is sharp enough to learn from when it was seen within this share of a period. */
const SHARP = 0.35;
/** Quartz runs evenly, but not for ever. */
const DRIFT = 1e-6;
const KEEP = 0.95;
/** The least that updates jitter and the period changes, as shares of the period. */
const LEAST_JITTER = 3e-3;
const LEAST_CHANGE = 3e-7;
/** Mean cosine of the ticks' phases below which there is no beat any more. */
const IRREGULAR = 0.7;
/** An interval this many deviations wide on each side has the variance that is meant. */
const UNIFORM = Math.sqrt(3);
const OUTLIER = 16;

/**
 * The beat of a counter's updates. Hardware updates its registers by a clock of its own, so once
 * some updates have been seen as they happened, all others are known to a few microseconds, and a
 * read in between need not guess how old its value is. A Kalman filter follows phase and period; a
 * counter without a regular beat is never believed to have one.
 */
export class Grid {
  readonly #guessNs: number;
  readonly #ticks: Tick[] = [];
  #isLocked = false;
  #unlockedTicks = 0;
  #anchorNs = NaN;
  #periodNs: number;
  /** Variances of the anchor and the period, and their covariance, in ns². */
  #phase = 0;
  #period = 0;
  #cross = 0;
  /** How far single updates lie from the beat: variance in ns². */
  #jitter = 0;
  /**
   * Variance of the anchor if reads in step with the updates blur all ticks in the same way, in ns²:
   * this does not average out. Reads are not in step where ticks scatter as much as they are blurred.
   */
  #blur = 0;
  #regular = 1;

  /** Starts with a guess of the period, in ns. */
  constructor(guessNs: number) {
    this.#guessNs = guessNs;
    this.#periodNs = guessNs;
  }

  /** Whether the beat is known and regular. */
  get isLocked(): boolean {
    return this.#isLocked;
  }

  /** Takes an update that happened between two reads in quick succession. */
  tick(before: Read, after: Read): void {
    if (after.toNs - before.fromNs > SHARP * this.#guessNs) return;
    const tick = tickBetween(before, after);
    if (this.#ticks.push(tick) > KEPT) this.#ticks.shift();
    if (this.#isLocked && this.#follow(tick)) return;
    if (this.#unlockedTicks++ % SEARCH_EVERY === 0) this.#search();
  }

  /** When the last update at or before a moment happened; undefined while that is not known. */
  lastBefore(ns: number): Moment | undefined {
    if (!this.#isLocked) return undefined;
    const count = Math.floor((ns - this.#anchorNs) / this.#periodNs);
    const variance = this.#varianceAt(count) + this.#jitter + Math.max(0, this.#blur);
    if (!(variance < this.#ambiguous)) return undefined;
    const halfNs = UNIFORM * Math.sqrt(variance);
    const atNs = this.#anchorNs + count * this.#periodNs;
    // So close to an update nobody knows whether it has happened: the earlier one certainly has.
    const earlier = ns - atNs < halfNs ? this.#periodNs : 0;
    const later = ns - atNs > this.#periodNs - halfNs ? this.#periodNs : 0;
    return { fromNs: atNs - earlier - halfNs, toNs: atNs + later + halfNs, halfNs };
  }

  get #ambiguous(): number {
    return (AMBIGUOUS * this.#periodNs) ** 2;
  }

  #varianceAt(count: number): number {
    const drift = DRIFT * count * this.#periodNs;
    return this.#phase + 2 * count * this.#cross + count * count * this.#period + drift * drift;
  }

  #search(): void {
    const { atNs } = this.#ticks.at(-1)!;
    for (const [share, periods] of [
      [NEAR, NEAR_SPAN_PERIODS],
      [FAR, FAR_SPAN_PERIODS]
    ] as const) {
      const since = atNs - periods * this.#guessNs;
      const ticks = this.#ticks.filter(tick => tick.atNs > since);
      const found = findRegularity(ticks, this.#guessNs, share);
      if (!found) continue;
      const spanPeriods = (atNs - ticks[0]!.atNs) / found.periodNs;
      this.#isLocked = true;
      this.#anchorNs = found.anchorNs;
      this.#periodNs = found.periodNs;
      this.#jitter = Math.max(this.#leastJitter, found.spreadNs ** 2 / 2);
      this.#phase = (4 * found.spreadNs ** 2) / ticks.length;
      this.#period = (12 * found.spreadNs ** 2) / ticks.length / Math.max(1, spanPeriods) ** 2;
      this.#cross = 0;
      const blurred = ticks.reduce((sum, { variance }) => sum + variance, 0) / ticks.length;
      this.#blur = blurred - found.spreadNs ** 2;
      this.#regular = 1;
      this.#unlockedTicks = 0;
      return;
    }
  }

  get #leastJitter(): number {
    return (LEAST_JITTER * this.#periodNs) ** 2;
  }

  /** Corrects phase and period by a tick; false when it cannot be told which update it is. */
  #follow({ atNs, variance: blurred }: Tick): boolean {
    const count = Math.round((atNs - this.#anchorNs) / this.#periodNs);
    const variance = this.#varianceAt(count);
    if (!(variance < this.#ambiguous)) return false;
    const total = variance + blurred + this.#jitter;
    const error = atNs - this.#anchorNs - count * this.#periodNs;
    const turn = Math.cos((2 * Math.PI * error) / this.#periodNs);
    this.#regular += (1 - KEEP) * (turn - this.#regular);
    if (this.#regular < IRREGULAR) {
      this.#isLocked = false;
      return false;
    }
    const squared = Math.min(error * error, OUTLIER * total);
    const jitter = this.#jitter + (1 - KEEP) * (squared - total);
    this.#jitter = Math.max(this.#leastJitter, jitter);
    this.#blur += (1 - KEEP) * (blurred - squared - this.#blur);
    if (error * error <= OUTLIER * total) this.#correct(count, error, variance, total);
    return true;
  }

  /** The anchor moves to this update: what was predicted, corrected by what was seen. */
  #correct(count: number, error: number, variance: number, total: number): void {
    const cross = this.#cross + count * this.#period;
    const gain = variance / total;
    const pull = cross / total;
    this.#anchorNs += count * this.#periodNs + gain * error;
    this.#periodNs += pull * error;
    this.#phase = variance * (1 - gain);
    this.#period = Math.max((LEAST_CHANGE * this.#periodNs) ** 2, this.#period - pull * cross);
    this.#cross = cross * (1 - gain);
  }
}

/** Each read took its value somewhere in its own time, and the update came somewhere between the two. */
function tickBetween(before: Read, after: Read): Tick {
  const first = (before.fromNs + before.toNs) / 2;
  const last = (after.fromNs + after.toNs) / 2;
  const reads = ((before.toNs - before.fromNs) ** 2 + (after.toNs - after.fromNs) ** 2) / 12;
  const between = ((last - first) ** 2 + reads) / 12;
  return { atNs: (first + last) / 2, variance: between + reads / 4 };
}
