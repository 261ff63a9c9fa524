import { amountOf, checkAmount, scale, type Amount } from './amount.ts';
import type { Coefficient } from './coefficient.ts';

const hoursPerYear = 8760;

/** A device, and how long it serves. */
export interface Device {
  /** Carbon of making, shipping and disposing of it, in kg CO₂e. */
  readonly embodied: Coefficient<'kg'>;
  /** Years it serves, above 0. */
  readonly lifetimeYears: number;
}

/**
 * The share of a device's making that falls on a piece of work: `TE × TiR/EL × RR/ToR`.
 * @param device What was made, and its lifetime.
 * @param seconds Time reserved, above 0.
 * @param share Share of the device's resources reserved, 0 to 1. @default 1
 * @returns Grams of CO₂e, attributed: never to be added to what was measured.
 * @throws HelperError `impact/value` for a lifetime or duration that is not above 0, or a share outside 0 to 1.
 * @see ISO/IEC 21031:2024, "Software Carbon Intensity", embodied emissions
 */
export function embodiedShare(
  { embodied, lifetimeYears }: Device,
  seconds: number,
  share = 1
): Amount<'g', 'attributed'> {
  checkAmount('a lifetime in years', lifetimeYears, true);
  checkAmount('a duration in seconds', seconds, true);
  checkAmount('a share of the resources, 1 at most,', share > 1 ? NaN : share);
  const gramsPerSecond = 1000 / (lifetimeYears * hoursPerYear * 3600);
  const part = scale(amountOf(embodied), gramsPerSecond * seconds * share);
  return { ...part, unit: 'g', kind: 'attributed' };
}

/**
 * What keeping a device longer saves: its making is spread over more years.
 * @param device What was made, and the lifetime it would have.
 * @param extraYears How much longer it is kept. @default 1
 * @returns Kilograms of CO₂e saved for each year of service.
 * @throws HelperError `impact/value` for a lifetime not above 0 or negative extra years.
 */
export function stretchLifetime(
  { embodied, lifetimeYears }: Device,
  extraYears = 1
): Amount<'kg', 'attributed'> {
  checkAmount('a lifetime in years', lifetimeYears, true);
  checkAmount('extra years', extraYears);
  const saved = 1 / lifetimeYears - 1 / (lifetimeYears + extraYears);
  return { ...scale(amountOf(embodied), saved), kind: 'attributed' };
}
