import type { Reading, SensorDescription } from '../sensors/sensor.ts';
import { Beats } from './beats.ts';
import { Calibration } from './calibration.ts';
import { Counter } from './counter.ts';
import { type EdgeContext, type EdgeEstimate, estimateEdge } from './edges.ts';
import { Points } from './points.ts';
import type { Region } from './regions.ts';
import type { EnergyGap } from './types.ts';

/** The counter's value at a boundary, fixed for ever; the estimate it came from, if any. */
export interface SettledEdge {
  ns: number;
  microjoules: number;
  estimate: EdgeEstimate | undefined;
  /** Doubts of the points around it: how much less or more the counter may really have advanced. */
  doubts: { lowBefore: number; lowAfter: number; highBefore: number; highAfter: number };
}

const KEPT = 2048;
/** A blind point is off by half a period: over six times as much a power is known to 10 %. */
const STRETCH = 6;
/** A power does not fall by more than this factor from one update to the next. */
const SUDDEN_FALL = 8;
/** Below this power a counter that stands still is not suspicious. */
const SUSPICIOUS_WATTS = 0.5;
/** Patience for the updates after a moment: that slice, one more, and the quarantine. */
const AWAITED_PERIODS = 6;

/** One sensor's readings as corrected points, gaps, and the counter's value at any moment. */
export class Track {
  readonly description: SensorDescription;
  readonly points = new Points();
  readonly counter: Counter;
  readonly calibration = new Calibration();
  readonly #clockErrorNs: number;
  #gaps: (EnergyGap & { value: number })[] = [];
  #settled: SettledEdge[] = [];
  #firstNs = Infinity;
  #value = 0;
  #hasEnded = false;
  readonly #beats: Beats;

  constructor(description: SensorDescription, clockErrorNs: number) {
    this.description = description;
    this.#clockErrorNs = clockErrorNs;
    const { kind, minWatts, unitMicrojoules, domain } = description;
    this.#beats = new Beats(description);
    const freezeNs = (watts: number) => {
      const least = Math.max(minWatts, watts / SUDDEN_FALL);
      // An integrated GPU (`uncore`) may really use nothing.
      const mayRest = minWatts === 0 && (watts < SUSPICIOUS_WATTS || domain === 'uncore');
      return mayRest ? Infinity : 3 * this.periodNs + (2e3 * unitMicrojoules) / least;
    };
    this.counter = new Counter(
      { ...description, slackNs: 0, isOwn: kind === 'modelled' },
      {
        point: (beat, value, run, doubtLow, doubtHigh) => {
          const { lo, hi, from, to, tornNs = 0 } = beat;
          const isCatchUp = Number(beat.isCatchUp ?? false);
          const moment = { lo, hi, from, to, tornNs };
          this.points.push({ ...moment, value, run, doubtLow, doubtHigh, isCatchUp });
          this.#value = value;
          this.#firstNs = Math.min(this.#firstNs, this.points.at(0));
        },
        gap: (fromNs, toNs, reason) => this.#addGap(fromNs, toNs, reason)
      },
      freezeNs
    );
  }

  /** Takes one reading; those of one sensor come in time order. */
  reading(reading: Reading): void {
    const beat = this.#beats.take(reading, this.counter);
    this.counter.limits.periodNs = this.#beats.periodNs;
    if (beat) this.counter.beat(beat);
  }

  /** Time between two updates in ns, as it was observed. */
  get periodNs(): number {
    return this.#beats.periodNs;
  }

  /** How long after a moment the updates that settle it may come. */
  get patienceNs(): number {
    return this.#beats.isSlow ? AWAITED_PERIODS * this.periodNs : 0;
  }

  /** Nothing follows: the device has gone. */
  end(reason: string): void {
    this.#beats.end(reason);
    this.#hasEnded = true;
  }

  /** True when the updates on both sides of the moment are known, and one slice more. */
  isReady(ns: number): boolean {
    const after = this.points.surelyAfter(ns + 3.5 * this.#clockErrorNs);
    return this.#hasEnded || after + 1 < this.points.size;
  }

  /** What an estimate between these regions rests on. */
  context(regions: readonly Region[]): EdgeContext {
    return {
      points: this.points,
      regions,
      shares: this.calibration.shares,
      insets: this.calibration.insets,
      clockErrorNs: this.#clockErrorNs,
      periodNs: this.periodNs,
      unitMicrojoules: this.description.unitMicrojoules,
      stretch: STRETCH
    };
  }

  /** The counter's value at `ns`, as well as it is known now. */
  edge(ns: number, regions: readonly Region[]): SettledEdge {
    const k = this.#settledBefore(ns);
    const before = this.#settled[k];
    if (before?.ns === ns) return before;
    const low = before?.microjoules ?? 0;
    const high = this.#settled[k + 1]?.microjoules ?? Infinity;
    const fixed = (value: number) => Math.min(high, Math.max(low, Math.round(value)));
    const i = this.points.before(ns);
    const rest = { doubts: this.#doubtsAround(i) };
    const gap = this.#gaps.find(({ fromNs, toNs }) => fromNs <= ns && ns <= toNs);
    const isCut = regions.some(({ fromNs }) => fromNs === ns);
    if (gap !== undefined)
      return { ns, microjoules: fixed(gap.value), estimate: undefined, ...rest };
    const estimate = isCut ? estimateEdge(ns, this.context(regions)) : undefined;
    const value = estimate?.value ?? (this.points.size > 0 ? this.points.value(Math.max(0, i)) : 0);
    return { ns, microjoules: fixed(value), estimate, ...rest };
  }

  /** Fixes the counter's value at `ns`: whatever is learned later, it stays. */
  settle(ns: number, regions: readonly Region[]): SettledEdge {
    const edge = this.edge(ns, regions);
    const k = this.#settledBefore(ns);
    if (this.#settled[k]?.ns !== ns) this.#settled.splice(k + 1, 0, edge);
    if (this.#settled.length > 2 * KEPT) this.#settled = this.#settled.slice(-KEPT);
    return edge;
  }

  /** The counter's value by straight lines between points, NaN in a gap and outside the points. */
  valueAt(ns: number): number {
    const { points } = this;
    const i = points.before(ns);
    if (i < 0 || i + 1 >= points.size || !points.joined(i, i + 1)) return NaN;
    const span = points.at(i + 1) - points.at(i);
    const part = span > 0 ? (ns - points.at(i)) / span : 0;
    return points.value(i) + part * (points.value(i + 1) - points.value(i));
  }

  /** The gaps in [fromNs, toNs), cut to it; time before the first and after the last point too. */
  gapsBetween(fromNs: number, toNs: number): EnergyGap[] {
    const sensorId = this.description.id;
    const { points } = this;
    const reason = this.#beats.silence ?? this.counter.doubt ?? 'no reading followed';
    if (points.size === 0) return [{ sensorId, fromNs, toNs, reason }];
    const found: EnergyGap[] = this.#gaps.map(gap => ({
      sensorId,
      fromNs: gap.fromNs,
      toNs: gap.toNs,
      reason: gap.reason
    }));
    const lastNs = points.at(points.size - 1);
    found.push({
      sensorId,
      fromNs: -Infinity,
      toNs: this.#firstNs,
      reason: 'readings began later'
    });
    found.push({ sensorId, fromNs: lastNs, toNs: Infinity, reason });
    return found
      .map(gap => ({
        ...gap,
        fromNs: Math.max(gap.fromNs, fromNs),
        toNs: Math.min(gap.toNs, toNs)
      }))
      .filter(gap => gap.toNs > gap.fromNs)
      .sort((a, b) => a.fromNs - b.fromNs);
  }

  /** Mean power of the last `spanNs`, in watts, or undefined while there are too few points. */
  power(spanNs = 5e8): { watts: number; atNs: number; error: number } | undefined {
    const { points } = this;
    const last = points.size - 1;
    if (last < 1) return undefined;
    let first = Math.max(0, Math.min(last - 1, points.before(points.at(last) - spanNs)));
    while (first < last && !points.joined(first, last)) first++;
    const ns = points.at(last) - points.at(first);
    if (!(ns > 0)) return undefined;
    const watts = (1e3 * (points.value(last) - points.value(first))) / ns;
    const error = (points.halfWidth(first) + points.halfWidth(last)) / ns;
    return { watts, atNs: points.at(last), error };
  }

  #doubtsAround(i: number): SettledEdge['doubts'] {
    const { points } = this;
    if (points.size === 0) return { lowBefore: 0, lowAfter: 0, highBefore: 0, highAfter: 0 };
    const before = Math.max(0, i);
    const after = Math.min(points.size - 1, i + 1);
    return {
      lowBefore: points.get('doubtLow', before),
      lowAfter: points.get('doubtLow', after),
      highBefore: points.get('doubtHigh', before),
      highAfter: points.get('doubtHigh', after)
    };
  }

  #addGap(fromNs: number, toNs: number, reason: string): void {
    const sensorId = this.description.id;
    this.#gaps.push({ sensorId, fromNs, toNs, reason, value: this.#value });
    if (this.#gaps.length > 2 * KEPT) this.#gaps = this.#gaps.slice(-KEPT);
  }

  #settledBefore(ns: number): number {
    let low = 0;
    let high = this.#settled.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#settled[middle]!.ns <= ns) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
