import type { Onset } from './insets.ts';
import { isBetweenTwo, type Piece, piecesOf, type Slice, type SliceContext } from './pieces.ts';
import type { Points } from './points.ts';

/** The estimated value of a counter at one moment, and what its error consists of. Microjoules. */
export interface EdgeEstimate {
  ns: number;
  value: number;
  /** Variance from powers that are not known exactly. */
  mixVariance: number;
  /** Variance from the updates' moments around the slice. */
  pointVariance: number;
  /** Change of the value with the edge's time, in microwatts. */
  slope: number;
  /** Certain bounds on the value, a margin for the clock's error included. */
  low: number;
  high: number;
  /** Power on the two sides of the edge, in microwatts; NaN where nothing tells it. */
  powerBefore: number;
  powerAfter: number;
  /** The slice that holds the edge: edges of one slice share its error. */
  slice: { fromNs: number; toNs: number; left: number; total: number };
  /** The counter stood still in the slice: only the certain bounds hold. */
  isCatchUp: boolean;
  closure: Residual | undefined;
}

/** A prediction that could be checked: its error, and the variance it had from each cause. */
export interface Residual {
  error: number;
  /** Variances per squared share. */
  inside: number;
  outside: number;
  between: number;
  /** How much of the error comes with each unit of `fall`, in microjoules. */
  falls: number;
  /** Variance from all else. */
  rest: number;
  /** How power changes at the slice's edges. */
  onsets?: readonly Onset[];
}

/** What the estimate at an edge rests on. */
export interface EdgeContext extends SliceContext {
  /** Standard deviation of an edge's time, in ns. */
  clockErrorNs: number;
  unitMicrojoules: number;
}

const CLOCK_MARGIN = 3.5;
/** A longer slice leans more on powers: its end must be dated twice as well. */
const BETTER = 4;

/**
 * The counter's value at an edge. The slice of time between the two updates around it is cut at the
 * windows' edges; each piece has a power known from the slices beside it, and what the counter
 * really advanced is divided by generalised least squares. An update whose read was interrupted is
 * passed over where the one beside it tells more.
 */
export function estimateEdge(ns: number, context: EdgeContext): EdgeEstimate | undefined {
  const { points } = context;
  const i = points.before(ns);
  if (i < 0 || i + 1 >= points.size || !points.joined(i, i + 1)) return undefined;
  let best = estimateIn({ first: i, last: i + 1 }, ns, context);
  for (const first of endsOf(i, i - 1, points)) {
    for (const last of endsOf(i + 1, i + 2, points)) {
      if (first === i && last === i + 1) continue;
      const other = estimateIn({ first, last }, ns, context);
      if (varianceOf(other) < varianceOf(best) && isPossible(other, points)) best = other;
    }
  }
  return best;
}

/** Variances of the difference of two edges' values by cause, in squared microjoules. */
export interface Variances {
  /** From the clock that dates the edges. */
  clock: number;
  /** From powers and updates' moments that are not known exactly. */
  counter: number;
}

/** How uncertain the energy between two edges is. */
export function variancesBetween(
  start: EdgeEstimate,
  end: EdgeEstimate,
  context: Pick<EdgeContext, 'clockErrorNs' | 'unitMicrojoules'>
): Variances {
  const clock = (start.slope ** 2 + end.slope ** 2) * (context.clockErrorNs / 1e9) ** 2;
  const grain = context.unitMicrojoules ** 2 / 6;
  const { left, total, fromNs, toNs } = start.slice;
  if (fromNs !== end.slice.fromNs || toNs !== end.slice.toNs) {
    return { clock, counter: varianceOf(start) + varianceOf(end) + grain };
  }
  const inner = end.slice.left - left;
  const mix = total > 0 ? (inner * (total - inner)) / total : 0;
  return { clock, counter: mix + start.pointVariance + grain };
}

/** The point that ends a slice, and the one beside it where that is dated much better. */
function endsOf(i: number, beside: number, points: Points): number[] {
  if (!points.isTorn(i) || beside < 0 || beside >= points.size) return [i];
  const isBetter =
    points.joined(i, beside) && BETTER * points.variance(beside) < points.variance(i);
  return isBetter ? [i, beside] : [i];
}

/** Whether an estimate agrees with what the updates in between say for certain. */
function isPossible({ ns, value }: EdgeEstimate, points: Points): boolean {
  const before = points.surelyBefore(ns);
  const after = points.surelyAfter(ns);
  if (before >= 0 && value < points.value(before)) return false;
  return after >= points.size || value <= points.value(after);
}

function varianceOf({ mixVariance, pointVariance }: EdgeEstimate): number {
  return mixVariance + pointVariance;
}

function estimateIn(slice: Slice, ns: number, context: EdgeContext): EdgeEstimate {
  const { points } = context;
  const fromNs = points.at(slice.first);
  const toNs = points.at(slice.last);
  const advance = points.value(slice.last) - points.value(slice.first);
  const pieces = piecesOf(slice, advance, context);
  const total = pieces.reduce((sum, piece) => sum + piece.variance, 0);
  const excess = advance - pieces.reduce((sum, piece) => sum + energyOf(piece), 0);
  let value = 0;
  let left = 0;
  let before = pieces[0]!;
  for (const piece of pieces) {
    if (piece.region.fromNs >= ns) break;
    const share = total > 0 ? piece.variance / total : 0;
    value += Math.max(0, energyOf(piece) + share * excess);
    left += piece.variance;
    before = piece;
  }
  const after = pieces[pieces.indexOf(before) + 1] ?? before;
  const margin = CLOCK_MARGIN * context.clockErrorNs;
  const lowest = points.surelyBefore(ns - margin);
  const highest = points.surelyAfter(ns + margin);
  return {
    ns,
    value: points.value(slice.first) + Math.min(value, Math.max(0, advance)),
    mixVariance: total > 0 ? (left * (total - left)) / total : 0,
    pointVariance: pointVariance(points, slice, pieces),
    slope: slopeAt(before, after, pieces, { left, total, context }),
    low: lowest < 0 ? -Infinity : points.value(lowest) - context.unitMicrojoules / 2,
    high: highest >= points.size ? Infinity : points.value(highest) + context.unitMicrojoules / 2,
    powerBefore: before.power,
    powerAfter: after.power,
    slice: { fromNs, toNs, left, total },
    isCatchUp: points.get('isCatchUp', slice.last) === 1,
    closure: closureOf(slice, pieces, excess, context)
  };
}

function pointVariance(points: Points, { first, last }: Slice, pieces: Piece[]): number {
  const left = (pieces[0]!.power / 1e9) ** 2 * points.variance(first);
  const right = (pieces.at(-1)!.power / 1e9) ** 2 * points.variance(last);
  return left + right;
}

function onsetsOf(pieces: readonly Piece[]): Onset[] {
  return pieces.flatMap(({ onset }) => onset ?? []);
}

function energyOf({ power, seconds, inset }: Piece): number {
  return power * seconds - inset;
}

function slopeAt(
  before: Piece,
  after: Piece,
  pieces: Piece[],
  { left, total, context }: { left: number; total: number; context: EdgeContext }
): number {
  if (!(total > 0)) return before.power;
  const isLone = pieces.length === 3 && pieces[1]!.region.isBusy;
  if (isLone) {
    const [, inside] = pieces as [Piece, Piece, Piece];
    const outside = before === inside ? after : before;
    const w = inside.variance / total;
    return w * outside.power + (1 - w) * inside.power;
  }
  const slope = before.power * (1 - left / total) + (after.power * left) / total;
  const [onset, another] = onsetsOf(pieces);
  if (!onset || another) return slope;
  const outside = before.region.isBusy ? after.power : before.power;
  return outside + (slope - outside) * shareAtEdge(onset, context);
}

/** How much of the power inside a window an edge may cut by mistake: little where it begins well inside. */
function shareAtEdge({ side }: Onset, { insets, clockErrorNs }: EdgeContext): number {
  return Math.exp(-(((1e9 * insets[side].least) / clockErrorNs) ** 2) / 2);
}

/** Both sides of the edge predict the slice's advance: their disagreement shows how well they know. */
function closureOf(
  slice: Slice,
  pieces: Piece[],
  excess: number,
  context: EdgeContext
): Residual | undefined {
  if (pieces.some(({ perShare }) => Number.isNaN(perShare))) return undefined;
  const blur = pieces.reduce((sum, piece) => sum + piece.blur, 0);
  if (isBetweenTwo(pieces.map(({ region }) => region))) {
    const between = pieces.reduce((sum, { perShare }) => sum + perShare, 0);
    const falls = -pieces.reduce((sum, piece) => sum + piece.falls, 0);
    const rest = pointVariance(context.points, slice, pieces) + blur;
    const inset = pieces.reduce((sum, piece) => sum + piece.inset, 0);
    const error = excess + context.shares.fall * falls - inset;
    return { error, inside: 0, outside: 0, between, falls, rest, onsets: onsetsOf(pieces) };
  }
  if (pieces.length !== 2) return undefined;
  const inside = pieces.find(piece => piece.region.isBusy);
  const outside = pieces.find(piece => !piece.region.isBusy);
  if (inside === undefined || outside === undefined || outside.seconds <= 1e-6) return undefined;
  const { points, clockErrorNs } = context;
  const clock = ((inside.power - outside.power) * clockErrorNs) / 1e9;
  const moments =
    (inside.power / 1e9) ** 2 * (points.variance(slice.first) + points.variance(slice.last));
  return {
    error: excess - inside.inset,
    inside: inside.perShare,
    outside: outside.perShare,
    between: 0,
    falls: 0,
    rest: clock ** 2 + moments + blur,
    onsets: onsetsOf(pieces)
  };
}
