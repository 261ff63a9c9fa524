import type { Energy } from '../api/types';

/** The sum of several energies, and how many had no figure to add. */
export interface EnergySum extends Energy {
  missing: number;
}

/**
 * Adds energies and their intervals.
 *
 * Measured deviations come from separate window edges and are combined as root of squares; modelled
 * ones share the error of one model and are added. The two groups are independent of each other.
 * The sum is modelled as soon as one part is, and missing when no part has a figure.
 * @see JCGM 100:2008 (GUM), 5.1 and 5.2 (correlated inputs)
 */
export function sumEnergies(parts: readonly Energy[]): EnergySum {
  const known = parts.filter(part => part.joules !== null || (part.below && part.high !== null));
  const missing = parts.length - known.length;
  if (known.length === 0) {
    const reason = parts.find(part => part.reason)?.reason;
    return { joules: null, low: null, high: null, kind: 'missing', missing, reason };
  }
  let joules = 0;
  const down = { squares: 0, linear: 0 };
  const up = { squares: 0, linear: 0 };
  let modelled = false;
  for (const part of known) {
    const value = part.joules ?? 0;
    const below = value - (part.low ?? value);
    const above = (part.high ?? value) - value;
    joules += value;
    if (part.kind === 'modelled') {
      modelled = true;
      down.linear += below;
      up.linear += above;
    } else {
      down.squares += below ** 2;
      up.squares += above ** 2;
    }
  }
  const low = Math.max(0, joules - Math.hypot(Math.sqrt(down.squares), down.linear));
  const high = joules + Math.hypot(Math.sqrt(up.squares), up.linear);
  const sum: EnergySum = { joules, low, high, kind: modelled ? 'modelled' : 'measured', missing };
  if (known.every(part => part.below)) sum.below = true;
  return sum;
}
