import { HelperError } from '../errors.ts';

/**
 * How a value came about. `measured`: read from an instrument; `modelled`: computed by a model of what was used;
 * `attributed`: a share of something larger, dealt out by a convention. Values of different kinds are never added.
 */
export type Kind = 'measured' | 'modelled' | 'attributed';

/** A sourced number with its range: the one record from which every impact is computed. */
export interface Coefficient<U extends string = string, K extends Kind = Kind> {
  /** Stable name, such as `carbon/FR/2025`. */
  readonly id: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** Best estimate. */
  readonly value: number;
  /** Lower end of its range. */
  readonly low: number;
  /** Upper end of its range. */
  readonly high: number;
  /** Unit of all three, such as `g/kWh`; `1` for a ratio. */
  readonly unit: U;
  /** The year that it describes. */
  readonly year: number;
  /** Who published it, and where. */
  readonly source: string;
  /** Licence of the data, an SPDX identifier where there is one. */
  readonly licence: string;
  /** How it came about. */
  readonly kind: K;
}

/** What a coefficient must say in words. */
const texts = ['id', 'title', 'unit', 'source', 'licence'] as const;
const kinds: readonly string[] = ['measured', 'modelled', 'attributed'] satisfies Kind[];
/** No electricity statistics are older; no year may lie further ahead than the next. */
const firstYear = 1950;

/**
 * Passes a coefficient that has all its fields and whose range is in order.
 * @param record What claims to be one.
 * @returns The record, frozen.
 * @throws HelperError `impact/coefficient` when a field is missing, a number is negative or not finite, `low ≤ value ≤ high`
 *   does not hold, or the year is no year.
 */
export function coefficient<const U extends string, const K extends Kind>(
  record: Coefficient<U, K>
): Coefficient<U, K> {
  const name = typeof record?.id === 'string' ? record.id : 'a coefficient';
  for (const field of texts) {
    if (typeof record?.[field] !== 'string' || record[field].trim() === '') {
      throw refused(name, `a text as ${field}`, record?.[field]);
    }
  }
  if (!kinds.includes(record.kind))
    throw refused(name, `a kind of ${kinds.join(', ')}`, record.kind);
  const { low, value, high, year } = record;
  if (![low, value, high].every(number => Number.isFinite(number) && number >= 0)) {
    throw refused(name, 'low, value and high as finite numbers of at least 0', [low, value, high]);
  }
  if (!(low <= value && value <= high))
    throw refused(name, 'low ≤ value ≤ high', [low, value, high]);
  if (!Number.isInteger(year) || year < firstYear || year > new Date().getUTCFullYear() + 1) {
    throw refused(name, `a year from ${firstYear} on`, year);
  }
  return Object.freeze(record);
}

/**
 * How old a coefficient is.
 * @param record The coefficient.
 * @param now The present. @default the clock's
 * @returns Whole years from the year that it describes to the present one, at least 0.
 */
export function ageInYears(record: Pick<Coefficient, 'year'>, now: Date = new Date()): number {
  return Math.max(0, now.getUTCFullYear() - record.year);
}

function refused(name: string, expected: string, got: unknown): HelperError {
  return new HelperError(
    'impact/coefficient',
    `expected ${name} to have ${expected}, got ${JSON.stringify(got) ?? 'nothing'}; ` +
      'every coefficient names its value, range, unit, year, source, licence and kind'
  );
}
