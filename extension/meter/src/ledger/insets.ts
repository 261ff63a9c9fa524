/** What one edge tells of how far inside it the window's power begins or ends. */
export interface Onset {
  side: 'start' | 'end';
  /** How much more power the window draws than the time outside, in microwatts. */
  step: number;
  /** How much of the window lies in the slice that is divided. */
  seconds: number;
}

/** How far inside an edge the power changes, in seconds. */
export interface Inset {
  /** As far as is known; 0 where nothing shows that it is more. */
  seconds: number;
  /** It is at least this. */
  least: number;
}

/** A prediction's error in microjoules, as if power changed at the edge itself. */
export interface OnsetError {
  error: number;
  /** Variance that has nothing to do with how well powers are known. */
  rest: number;
  onsets?: readonly Onset[];
}

/** Insets at a window's two edges. */
export type Insets = Record<Onset['side'], Inset>;

/** Power changes at the edges themselves, as far as is known. */
export const NO_INSETS: Insets = {
  start: { seconds: 0, least: 0 },
  end: { seconds: 0, least: 0 }
};

const ENOUGH = 8;
const ROUNDS = 4;
/** An edge that cannot tell an inset to this many seconds is not asked. */
const SHARP_SECONDS = 3e-4;
const SURE = 2;
/** A median's standard error by the median absolute deviation, for many normal errors. */
const MEDIAN_ERROR = 1.25 * 1.48;

/**
 * How far inside its edges a kernel's power begins and ends: it dates a message before its code runs,
 * and after it has ended. Medians, since an edge in a hundred is dated wrongly; an edge whose slice
 * ends before the power changes tells nothing.
 */
export function insetsOf(closures: readonly OnsetError[]): Insets {
  return { start: insetOf('start', closures), end: insetOf('end', closures) };
}

function insetOf(side: Onset['side'], closures: readonly OnsetError[]): Inset {
  const sharp = closures.flatMap(({ error, rest, onsets = [] }) => {
    const [onset, another] = onsets;
    if (onset?.side !== side || another) return [];
    if (!(onset.step > 0 && Math.sqrt(rest) < SHARP_SECONDS * onset.step)) return [];
    return [{ lag: -error / onset.step, seconds: onset.seconds }];
  });
  let inset = NO_INSETS[side];
  for (let round = 0; round < ROUNDS; round++) {
    const reaching = sharp.filter(edge => edge.seconds > inset.seconds);
    if (reaching.length < ENOUGH) return inset;
    const lags = reaching.map(({ lag }) => lag);
    const seconds = median(lags);
    const spread = median(lags.map(lag => Math.abs(lag - seconds)));
    const least = seconds - (SURE * MEDIAN_ERROR * spread) / Math.sqrt(lags.length);
    if (!(least > 0)) return NO_INSETS[side];
    inset = { seconds, least };
  }
  return inset;
}

/** How much less windows use in a slice since their power begins or ends inside their edges, in microjoules. */
export function insetEnergy(onsets: readonly Onset[], insets: Insets): number {
  let energy = 0;
  for (const { side, step, seconds } of onsets) {
    energy += Math.max(0, step * Math.min(insets[side].seconds, seconds));
  }
  return energy;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
