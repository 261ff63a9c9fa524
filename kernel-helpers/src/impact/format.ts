import type { Amount } from './amount.ts';

const smaller: Record<string, readonly [number, string][]> = {
  g: [
    [1e6, 't'],
    [1e3, 'kg'],
    [1, 'g'],
    [1e-3, 'mg'],
    [1e-6, 'µg']
  ],
  kWh: [
    [1, 'kWh'],
    [1e-3, 'Wh'],
    [1e-6, 'mWh'],
    [1e-9, 'µWh']
  ],
  L: [
    [1, 'L'],
    [1e-3, 'mL'],
    [1e-6, 'µL']
  ]
};

/** An amount in the unit that fits it, each number with two digits. */
export interface AmountParts {
  readonly value: string;
  readonly low: string;
  readonly high: string;
  /** With its prefix, such as `mg`. */
  readonly unit: string;
}

/**
 * The parts of an amount in words, for pages that speak other languages.
 * @param amount The amount; grams, kWh and litres get a prefix that fits.
 * @param locale BCP 47 tag of the language of the numbers. @default 'en'
 * @returns Numbers as texts, in one unit.
 */
export function amountParts({ value, low, high, unit }: Amount, locale = 'en'): AmountParts {
  const size = Math.max(Math.abs(value), Math.abs(high));
  const steps = smaller[unit] ?? [[1, unit] as [number, string]];
  const [scale, name] = steps.find(([step]) => size >= step) ?? steps.at(-1) ?? [1, unit];
  const write = (number: number) => twoDigits(number / scale, locale);
  return { value: write(value), low: write(low), high: write(high), unit: name };
}

/**
 * Writes an amount for people, with two digits and its range.
 * @param amount The amount; grams, kWh and litres get a prefix that fits.
 * @returns Such as `4.3 g (3.9 to 6.1, modelled)`; without a range when it has none.
 */
export function formatAmount(amount: Amount): string {
  const { value, low, high, unit } = amountParts(amount);
  const range = low === high ? amount.kind : `${low} to ${high}, ${amount.kind}`;
  return `${value} ${unit} (${range})`;
}

function twoDigits(value: number, locale: string): string {
  const digits =
    Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 2 };
  return value.toLocaleString(locale, { ...digits, useGrouping: false });
}
