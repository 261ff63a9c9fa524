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
 * Errors of measured energies are independent and combine in quadrature; those of modelled ones may all lie on one side, so the ends combine.
 * @param a The first, in joules with its interval.
 * @param b The second.
 * @returns Difference and ratio with 95 % intervals; `undecided` when the difference's interval holds 0.
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
  return { difference, ratio, verdict, text: textOf(verdict, ratio) };
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

function textOf(verdict: Comparison['verdict'], { value, low, high }: Estimate): string {
  const write = (number: number) =>
    number === Infinity ? '∞' : String(Number(number.toPrecision(2)));
  const range = `${write(value)} times as much (${write(low)} to ${write(high)})`;
  if (verdict === 'undecided') return `no difference beyond the uncertainty: ${range}`;
  return `${verdict} energy, beyond the uncertainty: ${range}`;
}
