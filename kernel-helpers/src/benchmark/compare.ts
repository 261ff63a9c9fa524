import type { Energy } from '../energy.ts';
import { HelperError } from '../errors.ts';
import type { Estimate } from './latencies.ts';

/** Two energies side by side. */
export interface Comparison {
  /** First minus second, in joules. */
  readonly difference: Estimate;
  /** First over second; its high end is Infinity when the second may be 0. */
  readonly ratio: Estimate;
  /** Whether the difference exceeds its uncertainty, and which way. */
  readonly verdict: 'less' | 'more' | 'undecided';
  /** The verdict in a sentence. */
  readonly text: string;
}

/**
 * Says whether the difference of two energies exceeds its uncertainty.
 * Errors of measured energies are independent and combine in quadrature. Two modelled ones of a machine have the error of one model, part of
 * which would cancel in the difference and in the ratio; how much is not known, as the model errs otherwise at another load. So their ends are
 * combined as if the errors were opposite: the widest interval there can be. The ratio's is of the ends for measured energies too.
 * @param a The first, in joules with its interval.
 * @param b The second.
 * @returns Difference in joules and ratio with intervals of at least 95 %; `undecided` when the difference's holds 0, which of two modelled
 *   energies does not say that they are alike.
 * @throws HelperError `energy/missing` when either is not known.
 * @example compare(pruned.joulesPerCall, dense.joulesPerCall).text
 */
export function compare(a: Energy, b: Energy): Comparison {
  const [first, second] = [known(a, 'first'), known(b, 'second')];
  const value = first.value - second.value;
  const combine = (x: number, y: number) =>
    a.kind === 'measured' && b.kind === 'measured' ? Math.hypot(x, y) : x + y;
  const difference = {
    value,
    low: value - combine(first.value - first.low, second.high - second.value),
    high: value + combine(first.high - first.value, second.value - second.low)
  };
  const ratio = {
    value: second.value > 0 ? first.value / second.value : Infinity,
    low: second.high > 0 ? Math.max(0, first.low) / second.high : 0,
    high: second.low > 0 ? first.high / second.low : Infinity
  };
  const verdict = difference.high < 0 ? 'less' : difference.low > 0 ? 'more' : 'undecided';
  const isShared = a.kind === 'modelled' && b.kind === 'modelled';
  return { difference, ratio, verdict, text: textOf(verdict, ratio, isShared) };
}

function known({ joules, low, high, kind, reason }: Energy, which: string): Estimate {
  if (kind === 'missing' || joules === null) {
    throw new HelperError(
      'energy/missing',
      `the ${which} energy is not known (${reason ?? 'no reading'}), so nothing can be compared; joulebook doctor says what is missing`
    );
  }
  return { value: joules, low: low ?? joules, high: high ?? joules };
}

function textOf(
  verdict: Comparison['verdict'],
  { value, low, high }: Estimate,
  isShared: boolean
): string {
  const write = (number: number) =>
    number === Infinity ? '∞' : String(Number(number.toPrecision(2)));
  const range = `${write(value)} times as much (${write(low)} to ${write(high)})`;
  // Whoever reads this may have a smaller difference than a model can vouch for, and a real one.
  const shared = isShared ? '; both are modelled, and an error that they share counts twice' : '';
  if (verdict === 'undecided') return `no difference beyond the uncertainty: ${range}${shared}`;
  return `${verdict} energy, beyond the uncertainty: ${range}`;
}
