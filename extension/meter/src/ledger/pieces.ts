import { insetEnergy, type Insets, type Onset } from './insets.ts';
import type { Points } from './points.ts';
import { meanPower, type Region, sumSlices } from './regions.ts';

/** How well powers are known beside a slice, as shares of themselves; learned from residuals. */
export interface Shares {
  /** Of the power inside a window. */
  inside: number;
  /** Of the power outside. */
  outside: number;
  /** Of the powers in a slice with the end of one window and the start of the next. */
  between: number;
  /** How far windows' powers fall there to that of the pause: code begins late and ends early. */
  fall: number;
}

/** What the powers in a slice rest on. */
export interface SliceContext {
  points: Points;
  regions: readonly Region[];
  shares: Shares;
  insets: Insets;
  periodNs: number;
  /**
   * A stretch that tells a power is this many times as long as its ends' uncertainty; 0: the next
   * slice tells it, as if its ends were certain.
   */
  stretch: number;
}

/** One region's part of a slice. */
export interface Piece {
  region: Region;
  seconds: number;
  /** Power beside the slice, in microwatts. */
  beside: number;
  /** Power in it, as far as windows' powers fall, in microwatts. */
  power: number;
  variance: number;
  /** Variance per squared share. */
  perShare: number;
  /** Part of `variance`: the power was taken between updates whose moments are not known exactly. */
  blur: number;
  /** Microjoules less for each unit of `fall`. */
  falls: number;
  /** Microjoules less, since the window's power begins or ends inside its edge. */
  inset: number;
  /** How power changes at its edge, where it can be told which power belongs to whom. */
  onset?: Onset;
}

/** A slice that is divided: from point `first` to point `last`. */
export interface Slice {
  first: number;
  last: number;
}

interface Power {
  power: number;
  /** Its standard deviation as a share of itself, from the moments of the updates it was taken from. */
  blur: number;
}

const HORIZON_NS = 1.6e9;
/** Over longer spans the errors of a power average out. */
const FADE_SECONDS = 0.1;
/** A power in a slice that several windows share is known this well at most. */
const SHARED = 0.5;

/** Cuts a slice, over which the counter advanced by `advance`, at the windows' edges. */
export function piecesOf(slice: Slice, advance: number, context: SliceContext): Piece[] {
  const { points, regions, shares } = context;
  const fromNs = points.at(slice.first);
  const toNs = points.at(slice.last);
  const inSlice = regions.filter(region => region.fromNs < toNs && region.toNs > fromNs);
  const isPair = isBetweenTwo(inSlice);
  const isShared = inSlice.filter(region => region.isBusy).length > 1;
  const powers = inSlice.map(region => powerBeside(slice, region, context));
  const pause = isPair ? powers[1]!.power : NaN;
  const pieces = inSlice.map((region, i): Piece => {
    const start = Math.max(region.fromNs, fromNs);
    const seconds = (Math.min(region.toNs, toNs) - start) / 1e9;
    const { power: beside, blur } = powers[i]!;
    const falls = region.isBusy && beside > pause ? beside - pause : 0;
    const power = beside - shares.fall * falls;
    const fades = !region.isBusy && !isShared;
    const fade = fades ? Math.min(1, FADE_SECONDS / Math.max(seconds, 1e-9)) : 1;
    const perShare = (beside * seconds) ** 2 * fade;
    const learned = region.isBusy ? shares.inside : shares.outside;
    const share = isPair ? shares.between : isShared ? Math.max(SHARED, learned) : learned;
    const blurred = (blur * power * seconds) ** 2;
    const variance = share ** 2 * perShare + blurred;
    const counted = { variance, perShare, blur: blurred, falls: falls * seconds, inset: 0 };
    return { region, seconds, beside, power, ...counted };
  });
  if (isPair || pieces.length === 2) findOnsets(pieces, context.insets);
  const unknown = pieces.filter(piece => Number.isNaN(piece.power));
  if (unknown.length > 0) fillIn(unknown, pieces, advance);
  return pieces;
}

/** Looks how power changes at the edge of a window that is longer, or at both between two windows. */
function findOnsets(pieces: readonly Piece[], insets: Insets): void {
  const outside = pieces.find(({ region }) => !region.isBusy)?.beside ?? NaN;
  pieces.forEach((piece, i) => {
    const step = piece.beside - outside;
    if (!piece.region.isBusy || Number.isNaN(step)) return;
    piece.onset = { side: i > 0 ? 'start' : 'end', step, seconds: piece.seconds };
    piece.inset = insetEnergy([piece.onset], insets);
  });
}

/** The end of one window, a pause, and the start of the next. */
export function isBetweenTwo(regions: readonly Region[]): boolean {
  return regions.length === 3 && regions.every(({ isBusy }, i) => isBusy === (i !== 1));
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

/** Power of a region that reaches into a slice, in microwatts, from the slices beside it. */
function powerBeside({ first, last }: Slice, region: Region, context: SliceContext): Power {
  const { points } = context;
  const reachesLeft = region.fromNs <= points.at(first);
  const reachesRight = region.toNs >= points.at(last);
  if (!region.isBusy) {
    if (!reachesLeft && reachesRight) {
      const next = stretchPower(context, last, 1, region);
      if (!Number.isNaN(next.power)) return next;
    }
    return { power: idlePower(reachesLeft ? region.toNs : region.fromNs, context), blur: 0 };
  }
  if (!reachesLeft && !reachesRight) return { power: NaN, blur: 0 };
  const beside = stretchPower(context, reachesLeft ? first : last, reachesLeft ? -1 : 1, region);
  if (beside.seconds >= (0.6 * context.periodNs) / 1e9) return beside;
  const endNs = Math.min(region.toNs, points.at(points.size - 1));
  const whole = sumSlices(points, region.fromNs, endNs, { microjoules: 0, seconds: 0 });
  return { power: meanPower(whole), blur: 0 };
}

/**
 * Power of the slice that begins or ends at point `near`, or of as many slices as make a stretch that
 * is long compared with the uncertainty of its ends.
 */
function stretchPower(
  { points, stretch }: SliceContext,
  near: number,
  direction: 1 | -1,
  region: Region
): Power & { seconds: number } {
  let best = { power: NaN, seconds: 0, blur: 0 };
  for (let far = near + direction; far >= 0 && far < points.size; far += direction) {
    const first = Math.min(near, far);
    const last = Math.max(near, far);
    if (!points.joined(first, last)) break;
    const [fromNs, toNs] = [points.at(first), points.at(last)];
    if (fromNs < region.fromNs || toNs > region.toNs) break;
    if (toNs <= fromNs) continue;
    const seconds = (toNs - fromNs) / 1e9;
    const deviation = Math.sqrt(points.variance(first) + points.variance(last));
    const blur = stretch > 0 ? deviation / (toNs - fromNs) : 0;
    best = { power: (points.value(last) - points.value(first)) / seconds, seconds, blur };
    if (toNs - fromNs >= stretch * (points.halfWidth(first) + points.halfWidth(last))) break;
  }
  return best;
}

/** Mean power outside windows before a moment; after it when there is none; NaN where none is known. */
function idlePower(ns: number, { points, regions }: SliceContext): number {
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
