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

/**
 * Writes an amount for people, with two digits and its range.
 * @param amount The amount; grams, kWh and litres get a prefix that fits.
 * @returns Such as `4.3 g (3.9 to 6.1, modelled)`; without a range when it has none.
 */
export function formatAmount({ value, low, high, unit, kind }: Amount): string {
  const size = Math.max(Math.abs(value), Math.abs(high));
  const steps = smaller[unit] ?? [[1, unit] as [number, string]];
  const [scale, name] = steps.find(([step]) => size >= step) ?? steps.at(-1) ?? [1, unit];
  const write = (number: number) => twoDigits(number / scale);
  const range = write(low) === write(high) ? kind : `${write(low)} to ${write(high)}, ${kind}`;
  return `${write(value)} ${name} (${range})`;
}

function twoDigits(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return value.toLocaleString('en', { maximumSignificantDigits: 2 });
}
