import type { Energy } from '../energy.ts';
import { convert, kilowattHours, scaleBy, type Amount } from './amount.ts';
import type { Coefficient } from './coefficient.ts';
import { HelperError } from '../errors.ts';

/** Figures of where and how a machine gets its electricity. */
export interface Supply {
  /** What the grid emits per kWh. */
  readonly carbon: Coefficient<'g/kWh'>;
  /** What the facility draws per kWh that the machine draws. @default none: 1 */
  readonly pue?: Coefficient<'1'>;
  /** Share of the electricity from own solar panels, 0 to 1. @default 0 */
  readonly ownSolarShare?: number;
  /** What the supplier's contract says per kWh. @default none */
  readonly supplier?: Coefficient<'g/kWh'>;
}

/** Emissions by the two methods of the GHG Protocol, shown apart and never added. */
export interface Emissions {
  /** By what the grid emits where the machine stands. */
  readonly location: Amount<'g'>;
  /** By what the supplier's contract says; the grid's figure where there is no contract. */
  readonly market: Amount<'g'>;
  /** Whether a contract stands behind `market`. */
  readonly hasContract: boolean;
}

/**
 * The carbon of an energy: kWh × PUE × g/kWh, from the low ends to the high ends.
 * @param energy What was used, in joules with its interval.
 * @param supply Where the electricity came from.
 * @returns Grams of CO₂ equivalent by location and by market; null when the energy is missing.
 * @throws HelperError `impact/value` for a solar share outside 0 to 1.
 * @see GHG Protocol, Scope 2 Guidance (2015): electricity made and used on site is no scope 2 emission
 */
export function emissions(energy: Energy, supply: Supply): Emissions | null {
  const kwh = kilowattHours(energy);
  if (kwh === null) return null;
  const facility: Amount<'kWh'> = supply.pue ? scaleBy(kwh, supply.pue) : kwh;
  const { carbon, supplier = carbon, ownSolarShare = 0 } = supply;
  return {
    location: convert(facility, afterSolar(carbon, ownSolarShare)),
    market: convert(facility, afterSolar(supplier, ownSolarShare)),
    hasContract: supply.supplier !== undefined
  };
}

/**
 * The intensity that is left when own panels supply a share.
 * @param carbon What the grid or the contract says.
 * @param ownSolarShare 0 to 1.
 * @returns The same coefficient for a share of 0, else one scaled down that says so.
 * @throws HelperError `impact/value` for a share outside 0 to 1.
 */
export function afterSolar<C extends Coefficient<'g/kWh'>>(carbon: C, ownSolarShare: number): C {
  if (!(ownSolarShare >= 0 && ownSolarShare <= 1)) {
    const message = `expected a solar share of 0 to 1, got ${String(ownSolarShare)}`;
    throw new HelperError('impact/value', message);
  }
  if (ownSolarShare === 0) return carbon;
  const left = 1 - ownSolarShare;
  return {
    ...carbon,
    id: `${carbon.id}/after-solar`,
    title: `${carbon.title}, after ${Math.round(ownSolarShare * 100)} % from own solar panels`,
    value: carbon.value * left,
    low: carbon.low * left,
    high: carbon.high * left
  };
}
