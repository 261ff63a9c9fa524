import { checkNumber, HelperError } from '../../errors.ts';
import { checkSparsity } from '../masks.ts';
import { magnitude } from '../scores/magnitude.ts';
import type { Score, Values } from '../scores/score.ts';
import { dropLowest, roundHalfToEven } from '../select.ts';
import type { UnitFamily, UnitGraph } from './units.ts';

/** A weight as numbers. */
export interface WeightValues {
  readonly shape: readonly number[];
  readonly values: Values;
  readonly gradient?: Values;
  readonly memory?: Values;
}

/** Which units go. */
export interface UnitOptions {
  /** Share of the units to remove, from 0 up to 1: for each family or, by a function of its name, for one. */
  sparsity: number | ((family: string) => number);
  /** How much a weight matters; `bnScale` looks at normalisations instead. @default magnitude() */
  score?: Score;
  /** How a unit's score comes from those of the weights that make it: an L-n norm. @default 2 */
  norm?: number;
  /** Whether each family loses its share, or all together, each score divided by its family's mean. @default 'layer' */
  scope?: 'layer' | 'global';
  /** The number that stays is rounded up to a multiple of this, as processors like it. @default 1 */
  multipleOf?: number;
}

/**
 * The factor of a batch normalisation, |γ|: a channel that is scaled to nothing can go.
 * @returns A score for `removeChannels`.
 * @see Liu et al. 2017, arXiv:1708.06519
 */
export function bnScale(): Score {
  return { name: 'bnScale', looksAt: 'scales', of: weights => weights.map(Math.abs) };
}

/**
 * Chooses which units go.
 * @param graph Units and their weights.
 * @param weights The weights by name.
 * @param options See `UnitOptions`.
 * @returns The numbers of the units that go; at least one of each family stays.
 * @throws HelperError `input/value` for a sparsity outside [0, 1) or a score that a unit lacks.
 */
export function chooseUnits(
  graph: UnitGraph,
  weights: ReadonlyMap<string, WeightValues>,
  options: UnitOptions
): Set<number> {
  const { scope = 'layer', sparsity, multipleOf = 1 } = options;
  checkNumber('multipleOf', multipleOf, { from: 1, integer: true });
  const norm = options.norm ?? 2;
  if (norm !== Infinity) checkNumber('norm', norm, { above: 0 });
  const scores = scoreUnits(graph, weights, options.score ?? magnitude(), norm);
  const of = (family: UnitFamily): Float64Array =>
    Float64Array.from(family.units, unit => scoreOf(scores, unit, family, options.score));
  if (scope === 'global') {
    if (typeof sparsity === 'function')
      throw new HelperError(
        'input/value',
        'expected one number as sparsity for the scope global, got a function; use the scope layer'
      );
    return globally(graph.families, of, checkSparsity(sparsity), multipleOf);
  }
  const gone = graph.families.flatMap(family => {
    const share = typeof sparsity === 'function' ? sparsity(family.name) : sparsity;
    const count = roundHalfToEven(
      family.units.length * checkSparsity(share, `the sparsity of ${family.name}`)
    );
    return lowest(family.units, of(family), count, multipleOf);
  });
  return new Set(gone);
}

function globally(
  families: readonly UnitFamily[],
  scoresOf: (family: UnitFamily) => Float64Array,
  sparsity: number,
  multipleOf: number
): Set<number> {
  const scores = families.map(family => {
    const raw = scoresOf(family);
    const mean = raw.reduce((sum, score) => sum + score, 0) / raw.length;
    return mean === 0 ? raw : raw.map(score => score / mean);
  });
  const all = Float64Array.from(scores.flatMap(list => [...list]));
  const kept = dropLowest(all, roundHalfToEven(all.length * sparsity));
  let at = 0;
  const gone = families.flatMap(({ units }, i) => {
    const count = kept.subarray(at, (at += units.length)).filter(bit => bit === 0).length;
    return lowest(units, scores[i]!, count, multipleOf);
  });
  return new Set(gone);
}

/** So many of the lowest, fewer where what stays must be a multiple. */
function lowest(
  units: readonly number[],
  scores: Values,
  count: number,
  multipleOf: number
): number[] {
  const stays = Math.ceil(Math.max(1, units.length - count) / multipleOf) * multipleOf;
  const kept = dropLowest(scores, Math.max(0, units.length - stays));
  return units.filter((_, i) => kept[i] === 0);
}

function scoreUnits(
  graph: UnitGraph,
  weights: ReadonlyMap<string, WeightValues>,
  score: Score,
  norm: number
): Map<number, number> {
  const role = score.looksAt === 'scales' ? 'scale' : 'out';
  const totals = new Map<number, number>();
  for (const { weight, axis, unitOf, role: is } of graph.axes) {
    if (is !== role || unitOf.every(unit => unit === -1)) continue;
    const { shape, values, gradient, memory } = weights.get(weight)!;
    const single = score.of(values, { path: weight, index: 0, gradient, memory });
    const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
    single.forEach((value, i) => {
      const unit = unitOf[Math.floor(i / inner) % unitOf.length]!;
      const before = totals.get(unit) ?? 0;
      const size = Math.abs(value);
      totals.set(unit, norm === Infinity ? Math.max(before, size) : before + size ** norm);
    });
  }
  return totals;
}

function scoreOf(
  scores: Map<number, number>,
  unit: number,
  family: UnitFamily,
  score?: Score
): number {
  const value = scores.get(unit);
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new HelperError(
    'input/value',
    value === undefined
      ? `expected a batch normalisation after ${family.name} for the score ${score?.name}; use another score, or name other layers`
      : `expected finite scores of ${family.name}, got ${value}; look for NaN in the weights and gradients`
  );
}
