import type { Points } from './points.ts';
import { meanPower, type Region, sumSlices } from './regions.ts';

/** How well powers are known beside a slice, as shares of themselves; learned from residuals. */
export interface Shares {
  /** Of the power inside a window. */
  inside: number;
  /** Of the power outside. */
  outside: number;
}

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
  /** Variance from all else. */
  rest: number;
}

/** What the estimate at an edge rests on. */
export interface EdgeContext {
  points: Points;
  regions: readonly Region[];
  shares: Shares;
  /** Standard deviation of an edge's time, in ns. */
  clockErrorNs: number;
  periodNs: number;
  unitMicrojoules: number;
  /** A stretch that tells a power is this many times as long as its ends' uncertainty. */
  stretch: number;
}

interface Piece {
  region: Region;
  seconds: number;
  power: number;
  variance: number;
  /** Variance per squared share. */
  perShare: number;
}

const HORIZON_NS = 1.6e9;
/** Over longer spans the errors of a power average out. */
const FADE_SECONDS = 0.1;
const CLOCK_MARGIN = 3.5;
/** A power in a slice that several windows share is known this well at most. */
const SHARED = 0.5;

/**
 * The counter's value at an edge. The slice of time between the two updates around it is cut at the
 * windows' edges; each piece has a power known from the slices beside it, and what the counter
 * really advanced is divided by generalised least squares.
 */
export function estimateEdge(ns: number, context: EdgeContext): EdgeEstimate | undefined {
  const { points } = context;
  const i = points.before(ns);
  if (i < 0 || i + 1 >= points.size || !points.joined(i, i + 1)) return undefined;
  const fromNs = points.at(i);
  const toNs = points.at(i + 1);
  const advance = points.value(i + 1) - points.value(i);
  const pieces = piecesOf(i, advance, context);
  const total = pieces.reduce((sum, piece) => sum + piece.variance, 0);
  const excess = advance - pieces.reduce((sum, { power, seconds }) => sum + power * seconds, 0);
  let value = 0;
  let left = 0;
  let before = pieces[0]!;
  for (const piece of pieces) {
    if (piece.region.fromNs >= ns) break;
    const share = total > 0 ? piece.variance / total : 0;
    value += Math.max(0, piece.power * piece.seconds + share * excess);
    left += piece.variance;
    before = piece;
  }
  const after = pieces[pieces.indexOf(before) + 1] ?? before;
  const margin = CLOCK_MARGIN * context.clockErrorNs;
  const lowest = points.surelyBefore(ns - margin);
  const highest = points.surelyAfter(ns + margin);
  return {
    ns,
    value: points.value(i) + Math.min(value, Math.max(0, advance)),
    mixVariance: total > 0 ? (left * (total - left)) / total : 0,
    pointVariance: pointVariance(points, i, pieces),
    slope: slopeAt(before, after, pieces, left, total),
    low: lowest < 0 ? -Infinity : points.value(lowest) - context.unitMicrojoules / 2,
    high: highest >= points.size ? Infinity : points.value(highest) + context.unitMicrojoules / 2,
    powerBefore: before.power,
    powerAfter: after.power,
    slice: { fromNs, toNs, left, total },
    isCatchUp: points.get('isCatchUp', i + 1) === 1,
    closure: pieces.length === 2 ? closureOf(i, pieces, excess, context) : undefined
  };
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
  const { left, total, fromNs } = start.slice;
  if (fromNs !== end.slice.fromNs) {
    const mix = start.mixVariance + end.mixVariance;
    return { clock, counter: mix + start.pointVariance + end.pointVariance + grain };
  }
  const inner = end.slice.left - left;
  const mix = total > 0 ? (inner * (total - inner)) / total : 0;
  return { clock, counter: mix + start.pointVariance + grain };
}

function piecesOf(i: number, advance: number, context: EdgeContext): Piece[] {
  const { points, regions } = context;
  const fromNs = points.at(i);
  const toNs = points.at(i + 1);
  const inSlice = regions.filter(region => region.fromNs < toNs && region.toNs > fromNs);
  const isShared = inSlice.filter(region => region.isBusy).length > 1;
  const pieces = inSlice.map(region => {
    const start = Math.max(region.fromNs, fromNs);
    const seconds = (Math.min(region.toNs, toNs) - start) / 1e9;
    const power = powerBeside(i, region, context);
    return pieceOf(region, seconds, power, context.shares, isShared);
  });
  const unknown = pieces.filter(piece => Number.isNaN(piece.power));
  if (unknown.length > 0) fillIn(unknown, pieces, advance);
  return pieces;
}

function pieceOf(
  region: Region,
  seconds: number,
  power: number,
  shares: Shares,
  isShared: boolean
): Piece {
  const fade = region.isBusy || isShared ? 1 : Math.min(1, FADE_SECONDS / Math.max(seconds, 1e-9));
  const perShare = (power * seconds) ** 2 * fade;
  const learned = region.isBusy ? shares.inside : shares.outside;
  const share = isShared ? Math.max(SHARED, learned) : learned;
  return { region, seconds, power, variance: share ** 2 * perShare, perShare };
}

/** A piece whose power nothing tells gets what the others leave, with a variance that says so. */
function fillIn(unknown: Piece[], pieces: Piece[], advance: number): void {
  let rest = advance;
  for (const { power, seconds } of pieces) rest -= Number.isNaN(power) ? 0 : power * seconds;
  const seconds = unknown.reduce((sum, piece) => sum + piece.seconds, 0);
  for (const piece of unknown) {
    piece.power = Math.max(0, rest / Math.max(seconds, 1e-9));
    piece.variance = 10 * (3 * piece.power * piece.seconds + 1) ** 2;
  }
}

/** Power of a region that reaches into slice `i`, in microwatts, from the slices beside it. */
function powerBeside(i: number, region: Region, context: EdgeContext): number {
  const { points } = context;
  const reachesLeft = region.fromNs <= points.at(i);
  const reachesRight = region.toNs >= points.at(i + 1);
  if (!region.isBusy) {
    if (!reachesLeft && reachesRight) {
      const next = stretchPower(context, i, 1, region);
      if (!Number.isNaN(next.power)) return next.power;
    }
    return idlePower(reachesLeft ? region.toNs : region.fromNs, context);
  }
  if (!reachesLeft && !reachesRight) return NaN;
  const beside = stretchPower(context, i, reachesLeft ? -1 : 1, region);
  if (beside.seconds >= (0.6 * context.periodNs) / 1e9) return beside.power;
  const last = points.at(points.size - 1);
  return meanPower(
    sumSlices(points, region.fromNs, Math.min(region.toNs, last), { microjoules: 0, seconds: 0 })
  );
}

/**
 * Power of the slice beside slice `i`, or of as many slices as make a stretch that is long compared
 * with the uncertainty of its ends.
 */
function stretchPower(
  { points, stretch }: EdgeContext,
  i: number,
  direction: 1 | -1,
  region: Region
): { power: number; seconds: number } {
  const near = direction > 0 ? i + 1 : i;
  let best = { power: NaN, seconds: 0 };
  for (let far = near + direction; far >= 0 && far < points.size; far += direction) {
    const first = Math.min(near, far);
    const last = Math.max(near, far);
    if (!points.joined(first, last)) break;
    const [fromNs, toNs] = [points.at(first), points.at(last)];
    if (fromNs < region.fromNs || toNs > region.toNs) break;
    if (toNs <= fromNs) continue;
    const seconds = (toNs - fromNs) / 1e9;
    best = { power: (points.value(last) - points.value(first)) / seconds, seconds };
    const blur = points.halfWidth(first) + points.halfWidth(last);
    if (toNs - fromNs >= stretch * blur) break;
  }
  return best;
}

/** Mean power outside windows before a moment; after it when there is none; NaN where none is known. */
function idlePower(ns: number, { points, regions }: EdgeContext): number {
  const oldest = points.at(0) - 1;
  const newest = points.at(points.size - 1);
  for (const [fromNs, toNs] of [
    [ns - HORIZON_NS, ns],
    [oldest, ns],
    [ns, ns + HORIZON_NS],
    [ns, newest]
  ] as const) {
    const sum = { microjoules: 0, seconds: 0 };
    for (const region of regions) {
      if (region.isBusy || region.toNs <= fromNs || region.fromNs >= toNs) continue;
      const end = Math.min(region.toNs, toNs, newest);
      sumSlices(points, Math.max(region.fromNs, fromNs), end, sum);
    }
    if (sum.seconds > 0) return meanPower(sum);
  }
  return NaN;
}

function pointVariance(points: Points, i: number, pieces: Piece[]): number {
  const left = (pieces[0]!.power * points.halfWidth(i)) / 1e9;
  const right = (pieces.at(-1)!.power * points.halfWidth(i + 1)) / 1e9;
  return (left ** 2 + right ** 2) / 3;
}

function slopeAt(
  before: Piece,
  after: Piece,
  pieces: Piece[],
  left: number,
  total: number
): number {
  if (!(total > 0)) return before.power;
  const isLone = pieces.length === 3 && pieces[1]!.region.isBusy;
  if (isLone) {
    const [, inside] = pieces as [Piece, Piece, Piece];
    const outside = before === inside ? after : before;
    const w = inside.variance / total;
    return w * outside.power + (1 - w) * inside.power;
  }
  return before.power * (1 - left / total) + (after.power * left) / total;
}

/** Both sides of the edge predict the slice's advance: their disagreement shows how well they know. */
function closureOf(
  i: number,
  pieces: Piece[],
  excess: number,
  { points, clockErrorNs }: EdgeContext
): Residual | undefined {
  const inside = pieces.find(piece => piece.region.isBusy);
  const outside = pieces.find(piece => !piece.region.isBusy);
  if (inside === undefined || outside === undefined || outside.seconds <= 1e-6) return undefined;
  if (Number.isNaN(inside.perShare + outside.perShare)) return undefined;
  const clock = ((inside.power - outside.power) * clockErrorNs) / 1e9;
  const moments =
    ((inside.power * points.halfWidth(i)) / 1e9) ** 2 +
    ((inside.power * points.halfWidth(i + 1)) / 1e9) ** 2;
  return {
    error: excess,
    inside: inside.perShare,
    outside: outside.perShare,
    rest: clock ** 2 + moments / 3
  };
}
