import { checkAmount, type Amount } from './amount.ts';
import type { Emissions } from './carbon.ts';

/** A Software Carbon Intensity score with what the standard asks to be disclosed beside it. */
export interface SciScore {
  /** Grams of CO₂e per functional unit. */
  readonly value: number;
  /** Lower end of its range. */
  readonly low: number;
  /** Upper end of its range. */
  readonly high: number;
  /** `g/` and the functional unit. */
  readonly unit: string;
  /** E × I per functional unit: from the meter. */
  readonly operational: Amount<'g'>;
  /** M per functional unit: attributed. */
  readonly embodied: Amount<'g', 'attributed'>;
  /** What was counted and what was left out. */
  readonly boundary: string;
}

/** What a score is of. */
export interface SciInput {
  /** `emissions(…).location`: the standard leaves contracts, certificates and offsets out. */
  readonly operational: Emissions['location'];
  /** `embodiedShare(…)`. */
  readonly embodied: Amount<'g', 'attributed'>;
  /** How many functional units were done, above 0. */
  readonly units: number;
  /** What one is, such as `inference`. */
  readonly unit: string;
  /** What was counted and what was left out. */
  readonly boundary: string;
}

/**
 * Software Carbon Intensity: `(E × I + M) per R`. The standard defines this one sum of measured and attributed carbon, so the result is a
 * score and no amount: it cannot be added to anything, and both parts stand beside it.
 * @param input Both parts, the functional unit and the boundary.
 * @returns The score per functional unit.
 * @throws HelperError `impact/value` when no unit was done or the boundary is not disclosed.
 * @see ISO/IEC 21031:2024
 */
export function sci({ operational, embodied, units, unit, boundary }: SciInput): SciScore {
  checkAmount(`the number of functional units (${unit})`, units, true);
  checkAmount('the length of the boundary text', boundary.trim().length, true);
  const per = <K extends Amount<'g'>>(amount: K): K => ({
    ...amount,
    value: amount.value / units,
    low: amount.low / units,
    high: amount.high / units
  });
  const [used, made] = [per(operational), per(embodied)];
  return {
    value: used.value + made.value,
    low: used.low + made.low,
    high: used.high + made.high,
    unit: `g/${unit}`,
    operational: used,
    embodied: made,
    boundary
  };
}
