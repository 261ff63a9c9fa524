import { askMeter } from './daemon.ts';
import { divideEnergy, type Energy } from './energy.ts';
import { footprint, type Footprint } from './impact/footprint.ts';
import type { ImpactNow } from './impact/now.ts';

/**
 * Asks the meter what turns joules into impact: the zone's carbon intensity, PUE, tariff, device, and the forecast.
 * @returns The figures in force, the same that the sidebar and the report use; `carbon` is null until a zone is chosen in the settings.
 * @throws HelperError `energy/no-meter` when nobody answers.
 * @example const { carbon } = impact.footprint(energy, await impactNow());
 */
export async function impactNow(): Promise<ImpactNow> {
  return (await askMeter('GET', '/v1/impact', undefined, 15_000)) as ImpactNow;
}

/**
 * What an energy means by the meter's figures: carbon, water, money and the machine's making.
 * @param energy In joules with its interval, such as the result of `measure`.
 * @param seconds How long it took, for the share of the machine's making. @default left out
 * @param uses Divide by this many uses, such as inferences, at least 1. @default 1
 * @returns Each impact, null where a setting or the energy is missing.
 * @throws HelperError `energy/no-meter` when nobody answers.
 */
export async function footprintOf(energy: Energy, seconds?: number, uses = 1): Promise<Footprint> {
  const part = divideEnergy(energy, uses);
  return footprint(part, await impactNow(), seconds === undefined ? null : seconds / uses);
}
