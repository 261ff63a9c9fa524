/** An amount of energy with its 95 % interval, in joules. */
export interface Energy {
  /** Best estimate in joules; null when nothing could be read. */
  readonly joules: number | null;
  /** Lower end of the interval in joules. */
  readonly low: number | null;
  /** Upper end of the interval in joules. */
  readonly high: number | null;
  /** From a hardware counter, from a model, or not known at all. */
  readonly kind: 'measured' | 'modelled' | 'missing';
  /** Why nothing is known; set when `kind` is `missing`. */
  readonly reason?: string;
  /** Set when the block was too short to resolve: only `high` says something. */
  readonly below?: true;
}

/** The energy of one domain, such as the processor package or the memory. */
export interface DomainEnergy extends Energy {
  /** What the reading covers. */
  readonly domain: string;
  /** The sensor it came from. */
  readonly sensor: string;
  /** Whether another domain already includes it, so that it must not be added. */
  readonly contained: boolean;
}

/**
 * An energy that is not known.
 * @param reason Why, for people.
 * @returns An energy whose numbers are all null: a missing source is never 0.
 */
export function missingEnergy(reason: string): Energy {
  return { joules: null, low: null, high: null, kind: 'missing', reason };
}

/**
 * The energy of one of `count` equal parts, such as one step of a run.
 * @param energy The energy of them all.
 * @param count How many parts, at least 1.
 * @returns The same kind of energy, each number divided by `count`; missing when there was no part.
 */
export function divideEnergy(energy: Energy, count: number): Energy {
  if (energy.kind === 'missing') return energy;
  if (!(count > 0)) return missingEnergy('there was no step to share the energy among');
  const part = (joules: number | null): number | null => (joules === null ? null : joules / count);
  return { ...energy, joules: part(energy.joules), low: part(energy.low), high: part(energy.high) };
}

const smallestUnit: [number, string] = [1e-9, 'nJ'];
const units: [number, string][] = [
  [1e6, 'MJ'],
  [1e3, 'kJ'],
  [1, 'J'],
  [1e-3, 'mJ'],
  [1e-6, 'µJ'],
  smallestUnit
];

/**
 * Writes an energy with as many digits as its interval allows.
 * @param energy The energy to write.
 * @returns `12.4 J ± 0.6`, `about 12 J (7 to 21, modelled)`, `< 0.4 J`, or `not measured: reason`.
 * @example formatEnergy({ joules: 12.43, low: 11.8, high: 13, kind: 'measured' }) // '12.4 J ± 0.6'
 */
export function formatEnergy(energy: Energy): string {
  const { joules, low, high, kind } = energy;
  if (kind === 'missing' || joules === null)
    return `not measured: ${energy.reason ?? 'no reading'}`;
  const size = Math.max(Math.abs(joules), high ?? 0, 1e-9);
  const [scale, unit] = units.find(([scale]) => size >= scale) ?? smallestUnit;
  if (energy.below) return `< ${significant((high ?? joules) / scale, 2)} ${unit}`;
  const [value, from, to] = [joules, low ?? joules, high ?? joules].map(x => x / scale) as [
    number,
    number,
    number
  ];
  if (kind === 'modelled') {
    const [mid, lower, upper] = [value, from, to].map(x => significant(x, 2));
    return `about ${mid} ${unit} (${lower} to ${upper}, modelled)`;
  }
  const half = Math.max(value - from, to - value);
  if (half === 0) return `${significant(value, 4)} ${unit}`;
  const decimals = Math.min(6, Math.max(0, -Math.floor(Math.log10(half))));
  const lopsided = Math.abs(value - from - (to - value)) > half / 2;
  const spread = lopsided
    ? ` (${from.toFixed(decimals)} to ${to.toFixed(decimals)})`
    : ` ± ${half.toFixed(decimals)}`;
  return `${value.toFixed(decimals)} ${unit}${spread}`;
}

function significant(value: number, digits: number): string {
  if (value === 0) return '0';
  const decimals = digits - 1 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(9, Math.max(0, decimals)));
}
