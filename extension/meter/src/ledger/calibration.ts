import type { Residual } from './edges.ts';
import { insetEnergy, type Insets, insetsOf, NO_INSETS } from './insets.ts';
import type { Shares } from './pieces.ts';

/** Shares that hold until enough residuals have been seen. */
export const DEFAULT_SHARES: Shares = { inside: 0.35, outside: 0.1, between: 0.5, fall: 0 };

/** Half widths of intervals in standard deviations. */
export interface Widths {
  /** For windows that hold slices of their own: closures show their errors. */
  checked: number;
  /** For windows too short for that: only quiet time tells how well they are known. */
  unchecked: number;
}

const DEFAULT_WIDTHS: Widths = { checked: 1.7, unchecked: 2.1 };
const CHECKED = { least: 1, most: 3 };
const UNCHECKED = { least: 2.1, most: 3 };
const TAIL = 0.96;
const KEPT = 120;
const ENOUGH = 8;
const MANY = 40;
const ROUNDS = 4;
const OUTLIER = 6;
const INSIDE = { least: 0.1, most: 1.2 };
const OUTSIDE = { least: 0.01, most: 1 };
const FALL = { least: 0, most: 1 };

/**
 * Learns how well powers beside a window predict a slice, from predictions that every window allows
 * to check: a slice outside it, where nothing ran, and the slices that its edges cut; those between two
 * windows apart, since both of them are nearly at rest there.
 */
export class Calibration {
  #nulls: Residual[] = [];
  #closures: Residual[] = [];
  #pairs: Residual[] = [];
  #shares = DEFAULT_SHARES;
  #widths = DEFAULT_WIDTHS;
  #insets = NO_INSETS;

  /** Shares as they are known now. */
  get shares(): Shares {
    return this.#shares;
  }

  /**
   * Half widths of a 95 % interval in standard deviations: the residuals' own tail, since bursts have
   * longer ones than steady power.
   */
  get widths(): Widths {
    return this.#widths;
  }

  /** How far inside a window's edges its power begins and ends. */
  get insets(): Insets {
    return this.#insets;
  }

  /** Takes a window's residuals. */
  add(nulls: readonly Residual[], closures: readonly Residual[]): void {
    this.#nulls = [...this.#nulls, ...nulls].slice(-KEPT);
    const isPair = ({ between }: Residual) => between > 0;
    this.#closures = [...this.#closures, ...closures.filter(r => !isPair(r))].slice(-KEPT);
    this.#pairs = [...this.#pairs, ...closures.filter(isPair)].slice(-KEPT);
    this.#insets = insetsOf(this.#closures);
    const closed = this.#closures.map(closure => withInset(closure, this.#insets));
    const pairs = this.#pairs.map(pair => withInset(pair, this.#insets));
    let shares = DEFAULT_SHARES;
    if (this.#nulls.length >= ENOUGH) {
      for (let round = 0; round < ROUNDS; round++) {
        const outside = shares.outside * spread(this.#nulls, shares);
        shares = { ...shares, outside: clamp(outside, OUTSIDE) };
      }
    }
    if (closed.length >= ENOUGH) {
      const floor = shares.outside;
      for (let round = 0; round < ROUNDS; round++) {
        shares = { ...shares, ...blame(closed, shares, floor) };
      }
    }
    if (pairs.length >= ENOUGH) {
      for (let round = 0; round < ROUNDS; round++) {
        const fall = clamp(fallOf(pairs, shares), FALL);
        const between = shares.between * spread(pairs, { ...shares, fall });
        shares = { ...shares, fall, between: clamp(between, INSIDE) };
      }
    }
    this.#shares = shares;
    const checks = [...closed, ...pairs];
    const { checked, unchecked } = DEFAULT_WIDTHS;
    this.#widths = {
      checked: checks.length >= MANY ? clamp(tail(checks, shares), CHECKED) : checked,
      unchecked:
        this.#nulls.length >= MANY ? clamp(tail(this.#nulls, shares), UNCHECKED) : unchecked
    };
  }
}

/** Root mean square of the residuals in units of what was expected of them. */
function spread(residuals: readonly Residual[], shares: Shares): number {
  let sum = 0;
  for (const residual of residuals) {
    sum += Math.min(OUTLIER ** 2, errorOf(residual, shares) ** 2 / varianceOf(residual, shares));
  }
  return Math.sqrt(sum / residuals.length);
}

/** The residuals' tail in units of what was expected of them. */
function tail(residuals: readonly Residual[], shares: Shares): number {
  const scores = residuals.map(
    r => Math.abs(errorOf(r, shares)) / Math.sqrt(varianceOf(r, shares))
  );
  scores.sort((a, b) => a - b);
  return scores[Math.floor(TAIL * scores.length)]!;
}

/**
 * One round of weighted least squares for squared errors: how much of them comes from the power
 * inside, how much from outside. What happens just outside an edge may be worse than in quiet time.
 */
function blame(closures: readonly Residual[], shares: Shares, floor: number) {
  let [ii, io, oo, iy, oy] = [0, 0, 0, 0, 0];
  for (const closure of closures) {
    const variance = varianceOf(closure, shares);
    const [inside, outside] = [closure.inside / variance, closure.outside / variance];
    const squared = Math.min(OUTLIER ** 2, closure.error ** 2 / variance);
    const y = squared - closure.rest / variance;
    ii += inside * inside;
    io += inside * outside;
    oo += outside * outside;
    iy += inside * y;
    oy += outside * y;
  }
  const least = floor ** 2;
  const determinant = ii * oo - io * io;
  let outside = determinant > 1e-9 * ii * oo ? (ii * oy - io * iy) / determinant : least;
  outside = Math.max(least, outside);
  const inside = ii > 0 ? Math.max(0, iy - io * outside) / ii : shares.inside ** 2;
  return {
    inside: clamp(Math.sqrt(inside), INSIDE),
    outside: clamp(Math.sqrt(outside), OUTSIDE)
  };
}

/** How far powers fall between two windows, by weighted least squares. */
function fallOf(pairs: readonly Residual[], shares: Shares): number {
  let [xx, xy] = [0, 0];
  for (const pair of pairs) {
    const variance = varianceOf(pair, shares);
    xx += pair.falls ** 2 / variance;
    xy += (pair.falls * pair.error) / variance;
  }
  return xx > 0 ? xy / xx : shares.fall;
}

/** What remains of an error once it is known where power changes. */
function withInset(closure: Residual, insets: Insets): Residual {
  const inset = insetEnergy(closure.onsets ?? [], insets);
  return { ...closure, error: closure.error + inset };
}

function errorOf({ error, falls }: Residual, shares: Shares): number {
  return error - shares.fall * falls;
}

function varianceOf({ inside, outside, between, rest }: Residual, shares: Shares): number {
  const edge = shares.inside ** 2 * inside + shares.outside ** 2 * outside;
  return Math.max(edge + shares.between ** 2 * between + rest, 1e-12);
}

function clamp(value: number, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, value));
}
