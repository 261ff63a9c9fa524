import type { Impact } from '../api/impact-types';
import type { Energy } from '../api/types';

/** A mass of CO₂ equivalents in grams, with its range. */
export interface Grams {
  value: number;
  low: number;
  high: number;
}

const JOULES_PER_KWH = 3.6e6;

/**
 * The carbon of an energy: kilowatt-hours × PUE × g/kWh. The range goes from all lower ends to all
 * upper ends, since the errors of the coefficients are the same for every energy.
 * @returns Null without a figure, or where no zone was chosen.
 */
export function gramsOf(energy: Energy, impact: Impact | null): Grams | null {
  const { carbon = null, pue } = impact ?? {};
  if (!carbon || !pue || energy.joules === null) return null;
  const grams = (joules: number, end: 'value' | 'low' | 'high'): number =>
    (joules / JOULES_PER_KWH) * pue[end] * carbon[end];
  return {
    value: grams(energy.joules, 'value'),
    low: grams(energy.low ?? energy.joules, 'low'),
    high: grams(energy.high ?? energy.joules, 'high')
  };
}

/** The price of an energy at the tariff; null without a figure or a tariff. */
export function priceOf(energy: Energy, impact: Impact | null): number | null {
  if (!impact?.tariff || energy.joules === null) return null;
  return (energy.joules / JOULES_PER_KWH) * impact.pue.value * impact.tariff.value;
}
