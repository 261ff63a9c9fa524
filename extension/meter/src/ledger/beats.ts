import type { Reading, SensorDescription } from '../sensors/sensor.ts';
import { Grid } from './grid.ts';
import { Pace } from './pace.ts';
import { type Beat, CLOCK_WENT_BACK } from './steps.ts';

const JITTER = 0.1;
/** A counter may miss one update now and then. */
const MISSED = 1;
/** A counter that stands still may yet catch up for this long, or for some of its periods. */
const STALL_NS = 1.5e9;
const STALL_PERIODS = 4;
/** A tick shows when the updates just before it were: those of so many beats. */
const CORRECTABLE = 3;
/** A period that has changed by more than this share is another one. */
const OTHER_PERIOD = 0.2;

/** What is known of the counter when a reading comes. */
export interface CounterState {
  /** It may stand still for ever, as a device that rests. */
  mayRest: boolean;
}

/**
 * Dates the updates of a counter: each reading that brought something new becomes a beat with the
 * moments between which its update happened, for certain and most likely.
 */
export class Beats {
  readonly #nominalNs: number;
  readonly #averageNs: number;
  readonly #pace: Pace;
  #grid: Grid;
  #gridNs: number;
  /** Why no readings come, while none do. */
  #silence: string | undefined;
  readonly #recent: Beat[] = [];
  #raw = NaN;
  #beforeNs = NaN;
  #afterNs = NaN;
  #beatNs = -Infinity;
  #change = { fromNs: NaN, readNs: NaN, toNs: NaN };

  constructor({ periodNs, averageNs = 0 }: Pick<SensorDescription, 'periodNs' | 'averageNs'>) {
    this.#nominalNs = periodNs;
    this.#averageNs = averageNs;
    this.#pace = new Pace(periodNs);
    this.#grid = new Grid(periodNs);
    this.#gridNs = periodNs;
  }

  /** Time between two updates in ns, as it was observed. */
  get periodNs(): number {
    return this.#pace.periodNs;
  }

  /** Whether the counter is slower than it claims. */
  get isSlow(): boolean {
    return this.periodNs > this.#nominalNs;
  }

  /** Why no readings come, while none do. */
  get silence(): string | undefined {
    return this.#silence;
  }

  /** No more readings come, for this reason. */
  end(reason: string): void {
    this.#silence = reason;
  }

  /** Takes one reading; undefined when it brings nothing new. */
  take(reading: Reading, { mayRest }: CounterState): Beat | undefined {
    const { beforeNs, afterNs } = reading;
    if ('gap' in reading) {
      this.#silence ??= reading.gap;
      return undefined;
    }
    const raw = Math.round(reading.microjoules);
    const untilNs = this.#beforeNs;
    const changed = raw !== this.#raw;
    if (changed && this.#averageNs === 0) this.#learn(beforeNs, afterNs);
    if (beforeNs < untilNs) this.#silence ??= CLOCK_WENT_BACK;
    this.#beforeNs = beforeNs;
    this.#afterNs = afterNs;
    if (!changed && !this.#silence && beforeNs - this.#beatNs < this.#holdNs(mayRest)) {
      return undefined;
    }
    const beat = this.#beatOf(raw, beforeNs, afterNs, untilNs, changed);
    this.#raw = raw;
    this.#beatNs = beforeNs;
    this.#silence = undefined;
    if (this.#recent.push(beat) > CORRECTABLE) this.#recent.shift();
    return beat;
  }

  #beatOf(raw: number, beforeNs: number, afterNs: number, untilNs: number, changed: boolean): Beat {
    const { periodNs } = this;
    const { lateNs } = this.#pace;
    const blind = beforeNs - periodNs * (1 + 2 * JITTER + MISSED) - lateNs;
    const unseenNs = untilNs - lateNs || blind;
    const lo = changed ? Math.max(blind, unseenNs) : blind;
    const from = Math.max(lo, beforeNs - periodNs * (1 + 2 * JITTER) - lateNs);
    const previous = this.#recent.at(-1);
    const still = { ns: untilNs - (previous?.afterNs ?? untilNs), untilNs };
    const update = { lo, hi: afterNs, from, to: afterNs, unseenNs, still };
    const beat: Beat = { beforeNs, afterNs, raw, ...update, tornNs: afterNs - beforeNs };
    if (this.#silence) beat.mark = this.#silence;
    if (this.#averageNs > 0) beat.lo = beat.from = beforeNs - this.#averageNs - periodNs;
    if (!changed || this.#averageNs > 0) return beat;
    this.#place(beat);
    if (afterNs - lo < periodNs / 2) this.#placeEarlier(beat, previous);
    return beat;
  }

  /** Holding back an unchanged value: while the counter may catch up nothing is decided. */
  #holdNs(mayRest: boolean): number {
    const isFrozen = this.#beatNs > this.#change.readNs;
    if (mayRest || isFrozen) return 3 * this.periodNs;
    return Math.max(STALL_NS, STALL_PERIODS * this.periodNs);
  }

  #learn(beforeNs: number, afterNs: number): void {
    const before = this.#change;
    const fromNs = this.#beforeNs;
    this.#change = { fromNs, readNs: beforeNs, toNs: afterNs };
    const gapNs = (fromNs + afterNs - before.fromNs - before.toNs) / 2;
    const blurNs = (afterNs - fromNs + before.toNs - before.fromNs) / 2;
    if (this.#silence) return;
    this.#pace.change(gapNs, blurNs, fromNs > before.readNs);
    if (Math.abs(this.periodNs / this.#gridNs - 1) > OTHER_PERIOD) {
      this.#gridNs = this.periodNs;
      this.#grid = new Grid(this.periodNs);
    }
    const seen = { fromNs, toNs: this.#afterNs };
    if (fromNs < afterNs) this.#grid.tick(seen, { fromNs: beforeNs, toNs: afterNs });
  }

  /** Where the counter beats regularly, the beat tells which moment a read has seen. */
  #place(beat: Beat): void {
    const earliest = this.#grid.lastBefore(beat.beforeNs);
    const latest = this.#grid.lastBefore(beat.afterNs);
    if (!earliest || !latest) return;
    const { untilNs = -Infinity } = beat.still ?? {};
    const from = Math.max(beat.from, earliest.fromNs, untilNs || -Infinity);
    const to = Math.min(beat.to, latest.toNs);
    const tornNs = Math.max(0, to - from - 2 * latest.halfNs);
    if (from < to) Object.assign(beat, { from, to, tornNs });
  }

  /** When the very tick was seen, the updates before it came whole periods earlier. */
  #placeEarlier(tick: Beat, previous: Beat | undefined): void {
    if (this.#grid.isLocked) {
      for (const beat of this.#recent) if (!beat.isCatchUp) this.#place(beat);
    } else if (previous !== undefined && this.#pace.isRegular) {
      const { periodNs } = this;
      const from = Math.max(previous.from, tick.lo - periodNs * (1 + 2 * JITTER));
      const to = Math.min(previous.to, tick.hi - periodNs * (1 - 2 * JITTER));
      if (from < to) Object.assign(previous, { from, to });
    }
  }
}
