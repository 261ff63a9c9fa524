/** A scale of a unit: `factor` of the base unit make one of `symbol`. */
export interface Scale {
  symbol: string;
  factor: number;
}

/** How people want to read energies. */
export type EnergyUnit = 'auto' | 'J' | 'Wh';

const JOULE: Scale = { symbol: 'J', factor: 1 };
const LARGE_JOULES: Scale[] = [{ symbol: 'MJ', factor: 1e6 }, { symbol: 'kJ', factor: 1e3 }, JOULE];
const WATT_HOURS: Scale[] = [
  { symbol: 'kWh', factor: 3.6e6 },
  { symbol: 'Wh', factor: 3.6e3 },
  { symbol: 'mWh', factor: 3.6 },
  { symbol: 'µWh', factor: 3.6e-3 }
];

const GRAMS: Scale[] = [
  { symbol: 't', factor: 1e6 },
  { symbol: 'kg', factor: 1e3 },
  { symbol: 'g', factor: 1 },
  { symbol: 'mg', factor: 1e-3 },
  { symbol: 'µg', factor: 1e-6 }
];

/** The scale in which a mass in grams reads best. */
export function massScale(grams: number): Scale {
  const size = Math.abs(grams);
  return GRAMS.find(s => size >= 0.995 * s.factor) ?? GRAMS[GRAMS.length - 1] ?? JOULE;
}

/**
 * The scale in which an energy reads best.
 * @param joules The value, or the upper bound of one that is too small to resolve.
 * @param unit `auto` keeps joules up to 10 kJ, since cells are compared with each other.
 */
export function energyScale(joules: number, unit: EnergyUnit): Scale {
  const size = Math.abs(joules);
  if (unit === 'J') return JOULE;
  if (unit === 'auto') return LARGE_JOULES.find(s => size >= 10 * s.factor) ?? JOULE;
  return WATT_HOURS.find(s => size >= 0.1 * s.factor) ?? WATT_HOURS[WATT_HOURS.length - 1] ?? JOULE;
}

/**
 * The decimal place of the last digit that a half width allows, as a power of ten: -1 for tenths.
 * The half width keeps two significant digits if it begins with 1, else one.
 * @param halfWidth Half the width of the 95 % interval, greater than 0.
 * @see JCGM 100:2008 (GUM), 7.2.6
 */
export function lastPlace(halfWidth: number): number {
  const [mantissa, exponent] = halfWidth.toExponential(6).split('e');
  return Number(exponent) - (mantissa?.startsWith('1') ? 1 : 0);
}

/**
 * Writes a number down to a decimal place.
 * @param place Power of ten of the last digit; above 0 the number is rounded to tens, hundreds.
 * @param locale A BCP 47 tag; the digits and the decimal mark follow it.
 */
export function toPlace(value: number, place: number, locale: string): string {
  const decimals = Math.min(Math.max(0, -place), 20);
  const step = 10 ** place;
  // Adding 0 makes a negative zero a plain one.
  const rounded =
    (place > 0 ? Math.round(value / step) * step : Number(value.toFixed(decimals))) + 0;
  return formatOf(locale, decimals, Math.abs(rounded) >= 10_000).format(rounded);
}

const formats = new Map<string, Intl.NumberFormat>();

/** Making a format costs far more than using it, and a table of cells uses thousands. */
function formatOf(locale: string, decimals: number, useGrouping: boolean): Intl.NumberFormat {
  const key = `${locale}/${decimals}/${useGrouping}`;
  let format = formats.get(key);
  if (!format) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    format = new Intl.NumberFormat(locale, { ...digits, useGrouping });
    formats.set(key, format);
  }
  return format;
}

/**
 * The last place of a value: the one its half width allows, unless nothing but zeros would be left.
 * A wide lopsided interval hides a small value behind a large half width; then one digit is shown.
 * @param halfWidth Half the width of the interval; null or 0 shows three significant digits.
 */
export function valuePlace(value: number, halfWidth: number | null): number {
  if (halfWidth === null || !(halfWidth > 0)) return significantPlace(value, 3);
  const place = lastPlace(halfWidth);
  const first = significantPlace(value, 1);
  return value !== 0 && first < place ? first : place;
}

/** The place that shows `digits` significant digits of a value that has no interval. */
export function significantPlace(value: number, digits: number): number {
  if (value === 0) return 0;
  return Number(value.toExponential(digits - 1).split('e')[1]) - digits + 1;
}
