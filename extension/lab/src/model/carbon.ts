import { figuresOf, footprint, type Amount, type Footprint } from 'kernel-helpers/impact/figures';
import type { Impact } from '../api/impact-types';
import type { Energy, Execution } from '../api/types';

/** A mass of CO₂ equivalents in grams, with its range. */
export type Grams = Pick<Amount, 'value' | 'low' | 'high'>;

/**
 * The figures that weigh some executions: what the grid emitted while they ran, where a service told.
 * @returns Null before the daemon has told its figures.
 */
export function impactWhile(executions: readonly Execution[], impact: Impact): Impact;
export function impactWhile(executions: readonly Execution[], impact: Impact | null): Impact | null;
export function impactWhile(
  executions: readonly Execution[],
  impact: Impact | null
): Impact | null {
  return impact && figuresOf(executions, impact);
}

/**
 * What an energy means, by the function that report, exports and library use as well.
 * @param seconds How long it took, for the share of the machine's making; 0 leaves that out.
 * @returns Null before the daemon has told its figures.
 */
export function impactsOf(energy: Energy, impact: Impact | null, seconds = 0): Footprint | null {
  return impact && footprint(energy, impact, seconds);
}

/** The carbon of an energy where the machine stands; null without a figure, or where no zone was chosen. */
export function gramsOf(energy: Energy, impact: Impact | null): Grams | null {
  return impactsOf(energy, impact)?.carbon?.location ?? null;
}

/** The price of an energy at the tariff; null without a figure or a tariff. */
export function priceOf(energy: Energy, impact: Impact | null): number | null {
  return impactsOf(energy, impact)?.money?.value ?? null;
}
