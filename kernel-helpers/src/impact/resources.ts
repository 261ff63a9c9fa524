import type { Energy } from '../energy.ts';
import { add, checkAmount, convert, kilowattHours, scaleBy, type Amount } from './amount.ts';
import type { Coefficient } from './coefficient.ts';

/** Figures of the water behind a kWh. */
export interface WaterSupply {
  /** Litres that cooling evaporates per kWh of computing. */
  readonly wue: Coefficient<'L/kWh', 'modelled'>;
  /** Litres that power stations consume per kWh of electricity. */
  readonly grid: Coefficient<'L/kWh', 'modelled'>;
  /** What the facility draws per kWh that the machine draws. */
  readonly pue: Coefficient<'1', 'modelled'>;
}

/** Water by where it is consumed. */
export interface Water {
  /** At the machine's own site. */
  readonly site: Amount<'L', 'modelled'>;
  /** At the power stations. */
  readonly grid: Amount<'L', 'modelled'>;
  /** Both. */
  readonly total: Amount<'L', 'modelled'>;
}

/**
 * The water behind an energy: `E × (WUE + PUE × EWIF)`; PUE counts for the grid's part alone, since WUE is per kWh of computing.
 * @param energy What the machine used, in joules with its interval.
 * @param supply Litres per kWh at the site and at the power stations, and the PUE.
 * @returns Litres, or null when the energy is missing.
 * @see Li et al. 2023, "Making AI Less Thirsty", arXiv:2304.03271
 */
export function water(energy: Energy, supply: WaterSupply): Water | null {
  const kwh = kilowattHours(energy);
  if (kwh === null) return null;
  const site = convert(kwh, supply.wue);
  const grid = convert(scaleBy(kwh, supply.pue), supply.grid);
  return { site, grid, total: add(site, grid) };
}

/** A price of electricity. */
export interface Tariff {
  /** Per kWh, at least 0. */
  readonly value: number;
  /** ISO 4217, such as `EUR`. */
  readonly currency: string;
}

/**
 * The money behind an energy: kWh × PUE × tariff.
 * @param energy What the machine used, in joules with its interval.
 * @param tariff Price per kWh.
 * @param pue What the facility draws per kWh that the machine draws. @default none: 1
 * @returns The cost in the tariff's currency, or null when the energy is missing.
 * @throws HelperError `impact/value` for a negative price.
 */
export function money(
  energy: Energy,
  tariff: Tariff,
  pue?: Coefficient<'1'>
): Amount<string> | null {
  checkAmount('a price per kWh', tariff.value);
  const kwh = kilowattHours(energy);
  if (kwh === null) return null;
  const drawn: Amount<'kWh'> = pue ? scaleBy(kwh, pue) : kwh;
  const cost = (kilowattHours: number) => kilowattHours * tariff.value;
  return {
    ...{ value: cost(drawn.value), low: cost(drawn.low), high: cost(drawn.high) },
    unit: tariff.currency,
    kind: drawn.kind
  };
}
