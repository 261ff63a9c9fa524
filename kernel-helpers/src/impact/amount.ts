import type { Energy } from '../energy.ts';
import { HelperError } from '../errors.ts';
import type { Coefficient, Kind } from './coefficient.ts';

/** A quantity with its range, its unit and how it came about. */
export interface Amount<U extends string = string, K extends Kind = Kind> {
  /** Best estimate. */
  readonly value: number;
  /** Lower end of its range. */
  readonly low: number;
  /** Upper end of its range. */
  readonly high: number;
  /** Unit of all three. */
  readonly unit: U;
  /** How it came about. */
  readonly kind: K;
}

/** What a product is: attributed if either factor is, else modelled if either is. */
export type Weaker<A extends Kind, B extends Kind> = 'attributed' extends A | B
  ? 'attributed'
  : 'modelled' extends A | B
    ? 'modelled'
    : 'measured';

const strength: Record<Kind, number> = { measured: 0, modelled: 1, attributed: 2 };

/**
 * Adds two amounts of one unit and one kind; the compiler refuses others.
 * @param a The first.
 * @param b The second.
 * @returns Their sum; the ends of the range add as they are, since impacts share their coefficients' errors.
 * @throws HelperError `impact/kind` when kind or unit differ after all.
 */
export function add<U extends string, K extends Kind>(
  a: Amount<U, K>,
  b: Amount<NoInfer<U>, NoInfer<K>>
): Amount<U, K> {
  if (a.kind !== b.kind || a.unit !== b.unit) {
    throw new HelperError(
      'impact/kind',
      `expected two amounts of one kind and unit, got ${a.kind} ${a.unit} and ${b.kind} ${b.unit}; show them apart`
    );
  }
  return { ...a, value: a.value + b.value, low: a.low + b.low, high: a.high + b.high };
}

/**
 * Turns an amount into another quantity: kWh times g/kWh is g.
 * @param amount The amount.
 * @param by A coefficient per unit of the amount.
 * @returns The product: low × low to high × high, of the weaker kind of the two.
 * @throws HelperError `impact/kind` when the coefficient is not per unit of the amount.
 */
export function convert<A extends string, B extends string, K extends Kind, L extends Kind>(
  amount: Amount<B, K>,
  by: Coefficient<`${A}/${NoInfer<B>}`, L>
): Amount<A, Weaker<K, L>> {
  const [unit, per] = by.unit.split('/');
  if (per !== amount.unit) {
    throw new HelperError(
      'impact/kind',
      `expected a coefficient per ${amount.unit}, got ${by.id} in ${by.unit}`
    );
  }
  return {
    ...product(amount, by),
    unit: unit as A,
    kind: weaker(amount.kind, by.kind) as Weaker<K, L>
  };
}

/**
 * Scales an amount by a plain ratio of known value, such as a share of time.
 * @param amount The amount.
 * @param factor At least 0.
 * @returns The amount times the factor, of the same kind.
 * @throws HelperError `impact/value` for a factor that is negative or not finite.
 */
export function scale<U extends string, K extends Kind>(
  amount: Amount<U, K>,
  factor: number
): Amount<U, K> {
  checkAmount('a factor', factor);
  const { value, low, high } = amount;
  return { ...amount, value: value * factor, low: low * factor, high: high * factor };
}

/**
 * Scales an amount by a ratio that has a range of its own, such as a PUE.
 * @param amount The amount.
 * @param ratio A coefficient of unit `1`.
 * @returns The product, of the weaker kind of the two.
 */
export function scaleBy<U extends string, K extends Kind, L extends Kind>(
  amount: Amount<U, K>,
  ratio: Coefficient<'1', L>
): Amount<U, Weaker<K, L>> {
  const kind = weaker(amount.kind, ratio.kind) as Weaker<K, L>;
  return { ...product(amount, ratio), unit: amount.unit, kind };
}

/** What has a value and a range around it. */
type Ranged = Pick<Amount, 'value' | 'low' | 'high'>;

function product(a: Ranged, b: Ranged): Ranged {
  // An energy's interval may reach below 0: then the lowest product is with the other's high end.
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return { value: a.value * b.value, low: Math.min(...corners), high: Math.max(...corners) };
}

/**
 * The weaker of two kinds.
 * @param a One kind.
 * @param b The other.
 * @returns `attributed` before `modelled` before `measured`.
 */
export function weaker(a: Kind, b: Kind): Kind {
  return strength[a] >= strength[b] ? a : b;
}

/**
 * An energy as an amount in kWh.
 * @param energy Joules with interval; one too short to resolve counts as the middle of its interval.
 * @returns The amount, or null when nothing is known: no impact follows from a missing energy.
 */
export function kilowattHours(energy: Energy): Amount<'kWh', 'measured' | 'modelled'> | null {
  const { joules, low, high, kind } = energy;
  const middle = high === null ? null : ((low ?? 0) + high) / 2;
  const value = joules ?? middle;
  if (kind === 'missing' || value === null) return null;
  const [from, to] = [low ?? value, high ?? value];
  if (![from, value, to].every(Number.isFinite) || from > value || value > to) {
    throw new HelperError(
      'impact/value',
      `expected an energy with low ≤ joules ≤ high, got ${from} to ${value} to ${to}`
    );
  }
  const perKwh = 3.6e6;
  return { value: value / perKwh, low: from / perKwh, high: to / perKwh, unit: 'kWh', kind };
}

/**
 * A coefficient's own number as an amount, such as the kilograms of a device.
 * @param record The coefficient.
 * @returns Value, range, unit and kind of the coefficient.
 */
export function amountOf<U extends string, K extends Kind>({
  value,
  low,
  high,
  unit,
  kind
}: Coefficient<U, K>): Amount<U, K> {
  return { value, low, high, unit, kind };
}

/**
 * Passes a finite number of at least 0 (or above 0), refuses any other.
 * @param name What the number is, for the message.
 * @param value The number to check; NaN never passes.
 * @param above Whether 0 is refused as well. @default false
 * @returns The value.
 * @throws HelperError `impact/value`
 */
export function checkAmount(name: string, value: number, above = false): number {
  if (Number.isFinite(value) && (above ? value > 0 : value >= 0)) return value;
  const wanted = above ? 'above 0' : 'of at least 0';
  throw new HelperError(
    'impact/value',
    `expected ${name} to be a finite number ${wanted}, got ${String(value)}`
  );
}
