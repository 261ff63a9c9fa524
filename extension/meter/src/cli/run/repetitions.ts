import type { Energy } from '../../execution.ts';

/** The mean of several repetitions of the same work. */
export interface MeanEnergy extends Energy {
  /** Repetitions that have a value. */
  repetitions: number;
  /** Of the single repetitions, in joules; null below two. */
  standard_deviation: number | null;
}

/** Student's t, two-sided 95 %, by degrees of freedom from 1; later ones use the last. */
const student = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045
];
const manyDegrees = 1.96;

/**
 * The mean energy of repetitions with its 95 % interval. The scatter of the repetitions gives
 * Student's interval (JCGM 100:2008, G.3), which holds a measured value's random error already.
 * Repetitions do not average out what a model gets wrong every time: of modelled values, and of a
 * single repetition, the mean half widths are added in quadrature.
 */
export function meanEnergy(energies: readonly Energy[]): MeanEnergy {
  const known = energies.filter(energy => energy.joules !== null);
  if (known.length === 0) {
    const reason = energies[0]?.reason ?? 'nothing was measured';
    return { ...empty, reason, repetitions: 0 };
  }
  const joules = mean(known.map(energy => energy.joules ?? 0));
  const deviation = deviationOf(known.map(energy => energy.joules ?? 0));
  const scatter =
    deviation === null ? 0 : (tOf(known.length - 1) * deviation) / Math.sqrt(known.length);
  const modelled = known.some(({ kind }) => kind === 'modelled');
  const systematic = modelled || known.length === 1;
  const down = mean(known.map(energy => (energy.joules ?? 0) - (energy.low ?? 0)));
  const up = mean(known.map(energy => (energy.high ?? 0) - (energy.joules ?? 0)));
  return {
    joules,
    low: Math.max(0, joules - Math.hypot(scatter, systematic ? down : 0)),
    high: joules + Math.hypot(scatter, systematic ? up : 0),
    kind: modelled ? 'modelled' : 'measured',
    ...(known.every(({ below }) => below) ? { below: true as const } : {}),
    repetitions: known.length,
    standard_deviation: deviation
  };
}

const empty = {
  joules: null,
  low: null,
  high: null,
  kind: 'missing',
  standard_deviation: null
} as const;

function tOf(degrees: number): number {
  return student[degrees - 1] ?? manyDegrees;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The standard deviation of a sample; null for a single value. */
function deviationOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
