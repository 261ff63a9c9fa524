import type { EdgeContext, Residual } from './edges.ts';
import type { Points } from './points.ts';
import { meanPower, sumSlices } from './regions.ts';

const HORIZON_NS = 1.6e9;
const FADE_SECONDS = 0.1;

/**
 * Checks how well power outside a window is known: the slice before its start is predicted from
 * those before, and the one after its end from the next, as an edge's estimate does. Nothing ran
 * there, so what the counter advanced is the truth.
 */
export function residualsOf(startNs: number, endNs: number, context: EdgeContext): Residual[] {
  const { points } = context;
  const before = points.before(startNs) - 1;
  const after = points.before(endNs) + 1;
  const last = points.size - 1;
  return [
    residual(before, startNs - HORIZON_NS, points.at(Math.max(0, before)), context),
    residual(
      after,
      points.at(Math.min(last, after + 1)),
      points.at(Math.min(last, after + 2)),
      context
    )
  ].filter(found => found !== undefined);
}

function residual(
  i: number,
  fromNs: number,
  toNs: number,
  { points, regions, periodNs }: EdgeContext
): Residual | undefined {
  if (i < 0 || i + 1 >= points.size || !points.joined(i, i + 1)) return undefined;
  const [left, right] = [points.at(i), points.at(i + 1)];
  if (right - left <= 0.5 * periodNs) return undefined;
  const isIdle = (a: number, b: number) =>
    !regions.some(region => region.isBusy && region.fromNs < b && region.toNs > a);
  if (!isIdle(left, right)) return undefined;
  const others = { microjoules: 0, seconds: 0 };
  for (const region of regions) {
    if (region.isBusy) continue;
    const start = Math.max(region.fromNs, fromNs);
    sumSlices(points, start, Math.min(region.toNs, toNs), others);
  }
  const power = meanPower(others);
  if (Number.isNaN(power)) return undefined;
  const seconds = (right - left) / 1e9;
  const moments = (power / 1e9) ** 2 * (points.variance(i) + points.variance(i + 1));
  const blur = seconds / others.seconds;
  const predicting = (power / 1e9) ** 2 * endsVariance(points, fromNs, toNs) * blur ** 2;
  return {
    error: points.value(i + 1) - points.value(i) - power * seconds,
    inside: 0,
    between: 0,
    falls: 0,
    outside: (power * seconds) ** 2 * Math.min(1, FADE_SECONDS / seconds),
    rest: 2 * moments + predicting + 1
  };
}

/** How uncertain the length of a stretch is that a power was taken from, in ns². */
function endsVariance(points: Points, fromNs: number, toNs: number): number {
  return points.variance(Math.max(0, points.before(fromNs))) + points.variance(points.before(toNs));
}
