import type { Energy } from '../energy.ts';
import { HelperError } from '../errors.ts';
import { checkAmount } from './amount.ts';
import type { Coefficient } from './coefficient.ts';
import { memoryPower } from './table.ts';

/** What a job reserves, where there is no meter. */
export interface Reservation {
  /** How long, in hours. */
  readonly hours: number;
  /** Processor cores. */
  readonly cores: number;
  /** Power of one core at full use, in watts. */
  readonly wattsPerCore: number;
  /** Mean use of the cores, 0 to 1. @default 1 */
  readonly usage?: number;
  /** Memory reserved, in GB. */
  readonly memoryGigabytes: number;
}

/**
 * Estimates the energy of a job that nobody metered: `runtime × (cores × power × usage + memory × 0.3725 W/GB)`.
 * @param reservation What was reserved; the PUE comes in later, with `emissions`.
 * @param memory Power per GB. @default 0.3725 W/GB
 * @returns Joules, modelled; the interval is the memory's, and half to one and a half times the cores'.
 * @throws HelperError `impact/value` for negative figures or a usage above 1.
 * @see Lannelongue et al. 2021, "Green Algorithms", doi:10.1002/advs.202100707, equation 1
 */
export function estimateEnergy(
  { hours, cores, wattsPerCore, usage = 1, memoryGigabytes }: Reservation,
  memory: Coefficient<'W/GB'> = memoryPower
): Energy {
  Object.entries({ hours, cores, wattsPerCore, usage, memoryGigabytes }).forEach(([name, value]) =>
    checkAmount(name, value)
  );
  if (usage > 1) throw new HelperError('impact/value', `expected usage of at most 1, got ${usage}`);
  const processor = cores * wattsPerCore * usage;
  const joules = (factor: number, perGigabyte: number) =>
    hours * 3600 * (processor * factor + memoryGigabytes * perGigabyte);
  return {
    joules: joules(1, memory.value),
    low: joules(0.5, memory.low),
    high: joules(1.5, memory.high),
    kind: 'modelled'
  };
}

/**
 * The intensity of a mix of sources: each share times its intensity.
 * @param mix Share and g/kWh of each source; the shares sum to 1.
 * @returns Grams per kWh.
 * @throws HelperError `impact/value` for negative figures, or shares that do not sum to 1.
 */
export function intensityOfMix(mix: readonly { share: number; gramsPerKwh: number }[]): number {
  const total = mix.reduce((sum, { share }) => sum + checkAmount('a share', share), 0);
  if (Math.abs(total - 1) > 1e-9) {
    throw new HelperError('impact/value', `expected shares that sum to 1, got ${total}`);
  }
  return mix.reduce(
    (sum, { share, gramsPerKwh }) =>
      sum + share * checkAmount('an intensity in g/kWh', gramsPerKwh),
    0
  );
}
