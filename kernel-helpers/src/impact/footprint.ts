import type { Energy } from '../energy.ts';
import type { Amount } from './amount.ts';
import { emissions, type Emissions } from './carbon.ts';
import { embodiedShare } from './hardware.ts';
import type { ImpactNow } from './now.ts';
import { money, water, type Water } from './resources.ts';
import { gridWater } from './table.ts';

/** What an energy means: each line by itself, null where something is not known. */
export interface Footprint {
  /** Grams of CO₂e by location and by market; null without a zone or without energy. */
  readonly carbon: Emissions | null;
  /** Litres; null without energy. */
  readonly water: Water | null;
  /** In the tariff's currency; null without a tariff or without energy. */
  readonly money: Amount<string> | null;
  /** Grams of CO₂e of the machine's making, attributed; null until the settings name the device. */
  readonly hardware: Amount<'g', 'attributed'> | null;
}

/**
 * All impacts of an energy, by the figures in force. Sidebar, report, exports and library call this one function.
 * @param energy What was used, in joules with its interval.
 * @param now The figures in force, from `GET /v1/impact`.
 * @param seconds How long it took, for the share of the machine's making; 0 or null leaves that out. @default null
 * @returns Each impact, or null where a setting or the energy is missing; none is guessed.
 */
export function footprint(
  energy: Energy,
  now: ImpactNow,
  seconds: number | null = null
): Footprint {
  const { pue, wue, carbon, market, tariff, device } = now;
  const supply = carbon && { carbon, pue, ...(market && { supplier: market }) };
  const made = device && { embodied: device, lifetimeYears: device.lifetime_years };
  return {
    carbon: supply && emissions(energy, supply),
    water: water(energy, { wue, grid: gridWater, pue }),
    money: tariff && money(energy, tariff, pue),
    hardware: made && seconds ? embodiedShare(made, seconds) : null
  };
}
