import { formatEnergy, type Energy } from 'kernel-helpers';
import type { BenchResult } from '../result.ts';

/** Student's t for a 95 % interval, by degrees of freedom. */
const t95 = [Infinity, 12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];

/** A mean and half the width of its 95 % interval. */
export interface Mean {
  readonly mean: number;
  readonly half: number;
}

/**
 * The mean of several runs with its 95 % interval.
 * @param values One for each seed.
 * @returns Mean and half width; the half width of one run is NaN.
 */
export function meanOf(values: readonly number[]): Mean {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  return { mean, half: n < 2 ? NaN : (t95[n - 1] ?? 2) * Math.sqrt(variance / n) };
}

/** Writes a mean with its interval. */
export function shown({ mean, half }: Mean, digits = 3): string {
  const value = String(Number(mean.toPrecision(digits)));
  return Number.isNaN(half) ? value : `${value} ± ${Number(half.toPrecision(2))}`;
}

/** What training and using a model cost. */
export interface Costs {
  /** Energy of training, or of making the model smaller. */
  readonly training: readonly Energy[];
  /** Energy of 10,000 inferences before and after. */
  readonly before: readonly Energy[];
  readonly after: readonly Energy[];
}

/** The rows that end each paper's table: training, 10,000 inferences before and after, and when it pays. */
export function energyRows(paper: string, { training, before, after }: Costs): BenchResult[] {
  const [all, old, now] = [training, before, after].map(meanEnergy) as [Energy, Energy, Energy];
  // Runs of a pair meet the same machine: their difference says more than two intervals of a model that overlap.
  const saved = meanOf(before.map((energy, i) => (energy.joules ?? 0) - (after[i]?.joules ?? 0)));
  const isCheaper = saved.mean > (Number.isNaN(saved.half) ? 0 : saved.half);
  const evens = isCheaper && all.joules !== null ? (1e4 * all.joules) / saved.mean : NaN;
  const known = old.kind !== 'missing' && all.kind !== 'missing';
  const note = known ? breakEven(evens) : 'missing';
  return [
    {
      name: `${paper}: energy of training, mean of ${training.length}: ${formatEnergy(all)}`,
      ours: all.joules ?? NaN,
      other: null,
      ratio: null,
      unit: 'J',
      goal: 'reported',
      met: true
    },
    {
      name: `${paper}: 10,000 inferences: ${formatEnergy(now)} after, ${formatEnergy(old)} before; break-even: ${note}`,
      ours: now.joules ?? NaN,
      other: old.joules,
      ratio: known && now.joules !== null && old.joules ? now.joules / old.joules : null,
      unit: 'J',
      goal: 'reported',
      met: true
    }
  ];
}

function breakEven(inferences: number): string {
  return Number.isFinite(inferences)
    ? `${inferences.toExponential(1)} inferences`
    : 'never, an inference is no cheaper (95 %, pairs of runs)';
}

/** The mean energy with the mean of the intervals; missing as soon as one is. */
function meanEnergy(energies: readonly Energy[]): Energy {
  const first = energies.find(({ kind }) => kind === 'missing') ?? energies[0]!;
  if (first.kind === 'missing') return first;
  const mean = (key: 'joules' | 'low' | 'high'): number =>
    energies.reduce((sum, energy) => sum + (energy[key] ?? 0), 0) / energies.length;
  return { ...first, joules: mean('joules'), low: mean('low'), high: mean('high') };
}
