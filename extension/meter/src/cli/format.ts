import type { Energy, Watts } from '../execution.ts';

/** A value with its 95 % interval, in a unit of SI. */
export interface Quantity {
  value: number | null;
  low: number | null;
  high: number | null;
  kind: Energy['kind'];
  reason?: string;
  below?: true;
}

const prefixes = [
  { from: 1e7, factor: 1e6, prefix: 'M' },
  { from: 1e4, factor: 1e3, prefix: 'k' }
];

/** An energy with as many digits as its interval allows: `12.4 J ± 0.6`. */
export function formatEnergy(energy: Energy): string {
  return formatQuantity({ ...energy, value: energy.joules }, 'J');
}

/** A power, in the same way: `about 12 W (7 to 21, modelled)`. */
export function formatWatts(watts: Watts): string {
  return formatQuantity({ ...watts, value: watts.watts }, 'W');
}

/**
 * A value with as many digits as its interval allows: the half width keeps one digit, or two when it
 * begins with 1, and the value ends at the same place (JCGM 100:2008, 7.2.6). Measured:
 * `12.4 J ± 0.6`, or `12.4 J (12.3 to 13.0)` when lopsided. Modelled: `about 12 J (7 to 21,
 * modelled)`. Too short to resolve: `< 0.4 J`. None: `missing (reason)`.
 */
export function formatQuantity(quantity: Quantity, unit: string): string {
  const { value, low, high, kind, reason, below } = quantity;
  if (below && high !== null) return `< ${alone(high, 1, unit)}`;
  if (kind === 'missing' || value === null) return reason ? `missing (${reason})` : 'missing';
  if (low === null || high === null) return `about ${alone(value, 2, unit)}`;
  const { factor, prefix } = prefixOf(value);
  const half = (high - low) / 2 / factor;
  const place = half > 0 ? lastPlace(half) : placeOfDigits(value / factor, 3);
  // A wide interval must not round a small value to nothing.
  const digit = kind === 'modelled' && value !== 0 ? placeOfDigits(value / factor, 1) : place;
  const fine = Math.min(place, digit);
  const print = (n: number) => toPlace(n / factor, place);
  const bound = (n: number) => toPlace(n / factor, n && n / factor < 10 ** place ? fine : place);
  const text = `${toPlace(value / factor, fine)} ${prefix}${unit}`;
  const range = `${bound(low)} to ${bound(high)}`;
  if (kind === 'modelled') return `about ${text} (${range}, modelled)`;
  if (print(high - value) !== print(value - low)) return `${text} (${range})`;
  return half > 0 ? `${text} ± ${toPlace(half, place)}` : text;
}

/** A time: `0.4 s`, `12.3 s`, `2 min 05 s`, `3 h 07 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.0995) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** An amount of memory: `512 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${units[step]}`;
}

const wattHourUnits = [
  { unit: 'kWh', joules: 3.6e6 },
  { unit: 'Wh', joules: 3600 },
  { unit: 'mWh', joules: 3.6 }
];

/** Watt-hours of so many joules, to two digits: `3.4 Wh`, `15 mWh`. */
export function formatWattHours(joules: number): string {
  const fitting = wattHourUnits.find(each => joules >= each.joules / 10);
  const { unit, joules: factor } = fitting ?? { unit: 'mWh', joules: 3.6 };
  return `${toPlace(joules / factor, placeOfDigits(joules / factor, 2))} ${unit}`;
}

/** The decimal place, as a power of ten, of the last digit that a half width allows. */
function lastPlace(half: number): number {
  const [mantissa = '', exponent] = half.toExponential(6).split('e');
  return Number(exponent) - (mantissa.startsWith('1') ? 1 : 0);
}

function placeOfDigits(value: number, digits: number): number {
  if (value === 0) return 0;
  return Number(value.toExponential(digits - 1).split('e')[1]) - digits + 1;
}

function toPlace(value: number, place: number): string {
  if (place > 0) return String(Math.round(value / 10 ** place) * 10 ** place);
  const text = value.toFixed(Math.min(-place, 12));
  return Number(text) === 0 ? text.replace('-', '') : text;
}

function alone(value: number, digits: number, unit: string): string {
  const { factor, prefix } = prefixOf(value);
  return `${toPlace(value / factor, placeOfDigits(value / factor, digits))} ${prefix}${unit}`;
}

function prefixOf(value: number): { factor: number; prefix: string } {
  return prefixes.find(({ from }) => Math.abs(value) >= from) ?? { factor: 1, prefix: '' };
}
