import type { SensorDescription } from '../sensors/sensor.ts';
import type { Activities } from './activities.ts';
import { type Attribution, attributionFor } from './attribution.ts';
import { Book, type Span } from './book.ts';
import { energyOf } from './interval.ts';
import { splitByPolicy } from './policy.ts';
import { residualsOf } from './residuals.ts';
import { Track } from './track.ts';
import type { EnergyGap, SensorEnergy } from './types.ts';
import { tallyOf, type Window, type Windows } from './windows.ts';

const SHORTEST_LESSON_NS = 2e7;
const CHECK_AFTER_NS = 1.6e9;
const MOST_UNCHECKED = 100;

/** One sensor's share of the ledger: its counter, who used it, and where every microjoule went. */
export class SensorAccount {
  readonly track: Track;
  readonly book = new Book();
  /** When the device went, Infinity while it is there. */
  endedNs = Infinity;
  readonly #attribution: Attribution;
  readonly #windows: Windows;
  readonly #activities: Activities;
  readonly #clockErrorNs: number;
  #learnedNs = -Infinity;
  readonly #unchecked: Window[] = [];

  constructor(
    description: SensorDescription,
    windows: Windows,
    activities: Activities,
    clockErrorNs: number
  ) {
    this.track = new Track(description, clockErrorNs);
    this.#attribution = attributionFor(description);
    this.#windows = windows;
    this.#activities = activities;
    this.#clockErrorNs = clockErrorNs;
  }

  get #id(): string {
    return this.track.description.id;
  }

  /** Settles every boundary up to `untilNs`: what is written to the book stays. */
  freeze(untilNs: number): void {
    this.learn();
    for (const { fromNs, toNs, isGap } of this.#pieces(untilNs)) {
      const start = this.track.settle(fromNs, this.#windows.regions);
      const end = this.track.settle(toNs, this.#windows.regions);
      const span = this.#span(fromNs, toNs, end.microjoules - start.microjoules, isGap);
      this.book.append(span);
      this.#tally(span, window => tallyOf(window, this.#id));
    }
  }

  /** Lets attribution learn from the slices between activity samples. */
  learn(): void {
    const { points } = this.track;
    const newest = points.size > 0 ? points.at(points.size - 1) : -Infinity;
    const cells = this.#windows.cells();
    const { samples } = this.#activities;
    const known = Math.max(
      0,
      samples.findLastIndex(({ atNs }) => atNs <= this.#learnedNs)
    );
    let previous = samples[known]?.atNs ?? Infinity;
    for (let i = known + 1; i < samples.length; i++) {
      const { atNs, cores } = samples[i]!;
      if (atNs > newest) return;
      if (atNs - previous < SHORTEST_LESSON_NS) continue;
      const fromNs = previous;
      const microjoules = this.track.valueAt(atNs) - this.track.valueAt(fromNs);
      previous = atNs;
      this.#learnedNs = atNs;
      if (Number.isNaN(microjoules)) continue;
      const started = cells.filter(({ startNs }) => startNs >= fromNs && startNs < atNs);
      const touching = cells.filter(cell => cell.startNs < atNs && cell.endNs > fromNs);
      const use = this.#activities.between(fromNs, atNs, cells);
      const holders = kernelsOf(touching);
      const load = { microjoules, seconds: (atNs - fromNs) / 1e9, use, holders };
      this.#attribution.learn(load, cores, new Set(kernelsOf(started)));
    }
  }

  /** What a window has cost, and what is not known of it; undefined when nothing is. */
  energy(window: Window, endNs: number): { energy?: SensorEnergy; gaps: EnergyGap[] } {
    const { track } = this;
    const gaps = track.gapsBetween(window.startNs, endNs);
    const missingNs = gaps.reduce((sum, gap) => sum + gap.toNs - gap.fromNs, 0);
    if (missingNs >= endNs - window.startNs && missingNs > 0) return { gaps };
    const { regions } = this.#windows;
    const start = track.edge(window.startNs, regions);
    const end = track.edge(endNs, regions);
    const tally = this.#tallyUntil(window, endNs);
    const { description } = track;
    return {
      energy: energyOf({
        description,
        start,
        end,
        tally,
        missingNs,
        clockErrorNs: this.#clockErrorNs,
        widths: track.calibration.widths
      }),
      gaps
    };
  }

  /** Remembers a settled window: once the time after it is known, its edges can be checked. */
  remember(window: Window): void {
    this.#unchecked.push(window);
    if (this.#unchecked.length > MOST_UNCHECKED) this.#unchecked.shift();
  }

  /** Learns from settled windows how well their edges were known. */
  calibrate(): void {
    const { track } = this;
    const { points } = track;
    const newest = points.size > 0 ? points.at(points.size - 1) : -Infinity;
    while (this.#unchecked.length > 0 && this.#unchecked[0]!.endNs + CHECK_AFTER_NS < newest) {
      const { startNs, endNs } = this.#unchecked.shift()!;
      const { regions } = this.#windows;
      const edges = [startNs, endNs].map(ns => track.edge(ns, regions).estimate);
      const closures = edges.flatMap(edge => edge?.closure ?? []);
      track.calibration.add(residualsOf(startNs, endNs, track.context(regions)), closures);
    }
  }

  /** A window heard of late takes its kernel's energy out of spans that are settled already. */
  claim(window: Window): void {
    this.#cut(window.startNs);
    for (const span of this.book.between(window.startNs, Infinity)) {
      const tally = tallyOf(window, this.#id);
      const { cells } = span.split;
      let taken = cells.get(this.#windows.root(window).id) ?? 0;
      if (window.parent === undefined) {
        taken = span.isGap ? 0 : this.#take(span, window);
        cells.set(window.id, taken);
      }
      tally.microjoules += taken;
      tally.idle += span.idle;
      tally.deviation += span.deviations.get(window.kernelId) ?? 0;
    }
  }

  /** An end heard of late gives back what was counted after it. */
  release(window: Window): void {
    this.#cut(window.endNs);
    for (const span of this.book.between(window.endNs, Infinity)) {
      const tally = tallyOf(window, this.#id);
      const { cells, background } = span.split;
      const given = cells.get(this.#windows.root(window).id) ?? 0;
      tally.microjoules -= given;
      tally.idle -= span.idle;
      tally.deviation -= span.deviations.get(window.kernelId) ?? 0;
      if (window.parent !== undefined) continue;
      cells.delete(window.id);
      background.set(window.kernelId, (background.get(window.kernelId) ?? 0) + given);
    }
  }

  #take({ split }: Span, window: Window): number {
    const { background } = split;
    let taken = background.get(window.kernelId) ?? 0;
    background.delete(window.kernelId);
    if (window.policy !== 'exclusive') return taken;
    for (const microjoules of background.values()) taken += microjoules;
    taken += split.other + split.idle;
    background.clear();
    split.other = split.idle = 0;
    return taken;
  }

  #tallyUntil(window: Window, endNs: number) {
    const tally = { ...tallyOf(window, this.#id) };
    const { points } = this.track;
    if (points.size === 0) return tally;
    const { regions } = this.#windows;
    for (const { fromNs, toNs, isGap } of this.#pieces(
      Math.min(endNs, points.at(points.size - 1))
    )) {
      const start = this.track.edge(fromNs, regions).microjoules;
      const advance = Math.max(0, this.track.edge(toNs, regions).microjoules - start);
      const span = this.#span(fromNs, toNs, advance, isGap);
      this.#tally(span, other => (other === window ? tally : undefined));
    }
    return tally;
  }

  /** Time since the last settled boundary up to `untilNs`, cut at edges and gaps. */
  *#pieces(untilNs: number): Generator<{ fromNs: number; toNs: number; isGap: boolean }> {
    const { track, book } = this;
    if (track.points.size === 0) return;
    let fromNs = Number.isNaN(book.endNs) ? track.points.at(0) : book.endNs;
    if (!(untilNs > fromNs)) return;
    const gaps = track.gapsBetween(fromNs, untilNs);
    const bounds = new Set([untilNs]);
    for (const { startNs, endNs } of this.#windows.live()) bounds.add(startNs).add(endNs);
    for (const gap of gaps) bounds.add(gap.fromNs).add(gap.toNs);
    for (const toNs of [...bounds].sort((a, b) => a - b)) {
      if (toNs <= fromNs || toNs > untilNs) continue;
      const isGap = gaps.some(gap => gap.fromNs <= fromNs && gap.toNs >= toNs);
      yield { fromNs, toNs, isGap };
      fromNs = toNs;
    }
  }

  #span(fromNs: number, toNs: number, advance: number, isGap: boolean): Span {
    const seconds = (toNs - fromNs) / 1e9;
    const holders = this.#windows
      .covering(fromNs, toNs)
      .filter(window => window.parent === undefined);
    const use = this.#activities.between(fromNs, toNs, this.#windows.cells());
    const microjoules = isGap ? 0 : advance;
    const load = { microjoules, seconds, use, holders: kernelsOf(holders) };
    const { shares, deviations } = this.#attribution.split(load);
    const split = splitByPolicy(microjoules, shares, holders);
    const isWhole = holders.length === 1 && holders[0]!.policy === 'exclusive';
    return {
      fromNs,
      toNs,
      advance,
      isGap,
      gap: isGap ? advance : 0,
      split,
      idle: shares.idle / Math.max(1, holders.length),
      deviations: isGap || isWhole ? new Map<string, number>() : deviations
    };
  }

  #tally(span: Span, tallyFor: (window: Window) => ReturnType<typeof tallyOf> | undefined): void {
    for (const window of this.#windows.covering(span.fromNs, span.toNs)) {
      const tally = tallyFor(window);
      if (tally === undefined) continue;
      tally.microjoules += span.split.cells.get(this.#windows.root(window).id) ?? 0;
      tally.idle += span.isGap ? 0 : span.idle;
      tally.deviation += span.deviations.get(window.kernelId) ?? 0;
    }
  }

  #cut(ns: number): void {
    if (!(ns < this.book.endNs)) return;
    const { track } = this;
    const { regions } = this.#windows;
    this.book.cut(ns, span => {
      const oldest = track.points.size > 0 ? track.points.at(0) : Infinity;
      if (ns < oldest) return (span.advance * (ns - span.fromNs)) / (span.toNs - span.fromNs);
      return track.settle(ns, regions).microjoules - track.edge(span.fromNs, regions).microjoules;
    });
  }
}

function kernelsOf(windows: readonly Window[]): string[] {
  return [...new Set(windows.map(({ kernelId }) => kernelId))];
}
