import type { Points } from './points.ts';

/** A stretch of time between two neighbouring edges of windows, in ns; the outer ends are infinite. */
export interface Region {
  fromNs: number;
  toNs: number;
  /** Some window is open in it. */
  isBusy: boolean;
}

/** Cuts all of time at the edges of windows, in order. */
export function regionsOf(windows: readonly { startNs: number; endNs: number }[]): Region[] {
  const cuts = new Set<number>();
  for (const { startNs, endNs } of windows) cuts.add(startNs).add(endNs);
  const bounds = [-Infinity, ...[...cuts].filter(Number.isFinite).sort((a, b) => a - b), Infinity];
  return bounds.slice(1).map((toNs, i) => {
    const fromNs = bounds[i]!;
    const isBusy = windows.some(w => w.startNs <= fromNs && w.endNs >= toNs && w.endNs > w.startNs);
    return { fromNs, toNs, isBusy };
  });
}

/** Energy and time of the slices that lie wholly inside a stretch of time. */
export interface Sum {
  microjoules: number;
  seconds: number;
}

/** Adds up the trusted slices that lie wholly in [fromNs, toNs]; slices beside a gap are left out. */
export function sumSlices(points: Points, fromNs: number, toNs: number, sum: Sum): Sum {
  const first = points.before(fromNs - 1e-3) + 1;
  const last = points.before(toNs);
  if (last <= first) return sum;
  for (let i = first; i < last;) {
    const end = points.endOfRun(i, last);
    sum.microjoules += points.value(end) - points.value(i);
    sum.seconds += (points.at(end) - points.at(i)) / 1e9;
    i = end + 1;
  }
  return sum;
}

/** Mean power in microwatts, NaN without any slice. */
export function meanPower({ microjoules, seconds }: Sum): number {
  return seconds > 0 ? microjoules / seconds : NaN;
}
