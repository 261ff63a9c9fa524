import * as tf from '@tensorflow/tfjs';
import { HelperError, inWords } from '../errors.ts';
import { checkAlike, leaves, type Tree } from '../tree.ts';
import { prunableLeaves, type Prunable, type Where } from './leaves.ts';
import { checkMasks, checkSparsity, type Masks } from './masks.ts';
import { magnitude } from './scores/magnitude.ts';
import type { Score, Values } from './scores/score.ts';
import { keepHighest, type Counting } from './select.ts';
import { reduceScores, unstructured, type Groups, type Structure } from './structures/structure.ts';

/** What to prune, and how much. */
export interface MaskOptions extends Counting {
  /** Share of the weights, or groups of them, to prune: from 0 up to 1, for each tensor or for all alike. `nOfM` needs none. */
  sparsity?: number | ((path: string, leaf: tf.Tensor) => number);
  /** How much a weight matters. @default magnitude() */
  score?: Score;
  /** Whether each tensor loses the same share, or all together. @default 'layer' */
  scope?: 'layer' | 'global';
  /** Single weights or groups of them. @default unstructured() */
  structure?: Structure;
  /** Which tensors. @default all of two axes or more */
  where?: Where;
  /** Masks whose pruned weights stay pruned. */
  within?: Masks;
  /** Gradients of the loss, a tree like the parameters, for scores that look at them. */
  gradients?: Tree;
  /** What a score gathered over steps, or another evidence such as `hessianDiagonal`: a tree like the parameters. */
  memory?: Tree;
}

/** The scores of one tensor's groups. */
interface Candidate extends Prunable {
  readonly groups: Groups | null;
  readonly scores: Values;
  /** Scores of single weights. */
  readonly single: Values;
}

/**
 * Chooses which weights stay: score × scope × structure.
 * @param params Parameters; they are not changed.
 * @param options See `MaskOptions`.
 * @returns Masks of the chosen tensors, which belong to the caller. At least one weight or group stays in each scope.
 * @throws HelperError `input/value` for a sparsity outside [0, 1) or a score that is not finite, naming the tensor; `input/shape` for a
 *   structure that a tensor cannot have; `input/*` for trees or masks that do not fit.
 * @example makeMasks(params, { sparsity: 0.9, score: lamp(), scope: 'global' })
 */
export function makeMasks(params: Tree, options: MaskOptions): Masks {
  const { structure = unstructured(), scope = 'layer', within } = options;
  checkNames(options);
  const chosen = prunableLeaves(params, options.where);
  if (within) checkMasks(params, within);
  const candidates = scoreAll(params, chosen, structure, options);
  const kept = keptGroups(candidates, structure, scope, options);
  const entries = candidates.map((candidate, i) => {
    const { path, leaf, groups } = candidate;
    const mask = new Uint8Array(leaf.size);
    const old = within?.[path]?.dataSync();
    for (let w = 0; w < mask.length; w++) {
      mask[w] = (old?.[w] ?? 1) * kept[i]![groups && !structure.keepInGroup ? groups.of[w]! : w]!;
    }
    return [path, tf.tensor(mask, leaf.shape, 'bool')] as const;
  });
  return Object.fromEntries(entries);
}

function checkNames({ scope, convention, of, score }: MaskOptions): void {
  const known = {
    scope: [scope, ['layer', 'global']],
    convention: [convention, ['torch', 'tfmot']],
    of: [of, ['all', 'remaining']]
  } as const;
  for (const [name, [value, names]] of Object.entries(known)) {
    if (value === undefined || (names as readonly string[]).includes(value)) continue;
    throw new HelperError(
      'input/value',
      `expected { ${name} } to be one of ${names.join(', ')}, got ${inWords(value)}`
    );
  }
  if (score === undefined || typeof score.of === 'function') return;
  throw new HelperError(
    'input/value',
    `expected { score } to be a score such as prune.magnitude(), got ${inWords(score)}`
  );
}

function scoreAll(
  params: Tree,
  chosen: readonly Prunable[],
  structure: Structure,
  { score = magnitude(), gradients, memory, within }: MaskOptions
): Candidate[] {
  const [g, m] = [gradients, memory].map(tree => (tree ? checkAlike(params, tree) : []));
  const read = (tensor: tf.Tensor | undefined): Float32Array | undefined =>
    tensor?.dataSync<'float32'>();
  return chosen.map(({ path, index, leaf }) => {
    const groups = structure.groupsOf(leaf.shape, path);
    const evidence = { path, index, gradient: read(g![index]), memory: read(m![index]) };
    const single = Float64Array.from(score.of(read(leaf)!, evidence));
    checkFinite(single, score.name, path);
    const reduced = groups ? reduceScores(single, groups, structure.reduction) : single;
    const mask = within?.[path]?.dataSync<'bool'>();
    const scores = mask ? withoutPruned(reduced, groups, mask) : reduced;
    return { path, index, leaf, groups, single, scores };
  });
}

/** Groups of which nothing is left go first. */
function withoutPruned(scores: Values, groups: Groups | null, mask: Uint8Array): Float64Array {
  const left = new Uint8Array(scores.length);
  mask.forEach((value, i) => {
    if (value !== 0) left[groups ? groups.of[i]! : i] = 1;
  });
  return Float64Array.from(scores, (score, i) => (left[i] ? score : -Infinity));
}

/** What stays of each candidate: groups, or single weights where each group keeps some. */
function keptGroups(
  candidates: readonly Candidate[],
  structure: Structure,
  scope: 'layer' | 'global',
  options: MaskOptions
): Uint8Array[] {
  if (structure.keepInGroup !== undefined) {
    return candidates.map(({ single, groups }) =>
      keepInGroups(single, groups!, structure.keepInGroup!)
    );
  }
  if (scope === 'layer') {
    return candidates.map(({ scores, path, leaf }) =>
      keepHighest(scores, sparsityAt(options, path, leaf), options)
    );
  }
  if (typeof options.sparsity === 'function') {
    throw new HelperError(
      'input/value',
      'expected one number as sparsity for the scope global, got a function; use the scope layer'
    );
  }
  return split(keepHighest(joined(candidates), sparsityAt(options), options), candidates);
}

function sparsityAt({ sparsity }: MaskOptions, path = '', leaf?: tf.Tensor): number {
  const value = typeof sparsity === 'function' ? sparsity(path, leaf!) : sparsity;
  return checkSparsity(value ?? NaN, path ? `the sparsity of ${path}` : 'sparsity');
}

function joined(candidates: readonly Candidate[]): Float64Array {
  const all = new Float64Array(candidates.reduce((sum, { scores }) => sum + scores.length, 0));
  let at = 0;
  for (const { scores } of candidates) {
    all.set(scores, at);
    at += scores.length;
  }
  return all;
}

function split(kept: Uint8Array, candidates: readonly Candidate[]): Uint8Array[] {
  let at = 0;
  return candidates.map(({ scores }) => kept.subarray(at, (at += scores.length)));
}

function keepInGroups(scores: Values, { of, count }: Groups, keep: number): Uint8Array {
  const members: number[][] = Array.from({ length: count }, () => []);
  of.forEach((group, i) => members[group]!.push(i));
  const kept = new Uint8Array(scores.length);
  for (const group of members) {
    const best = group.sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, keep);
    for (const i of best) kept[i] = 1;
  }
  return kept;
}

function checkFinite(scores: Values, score: string, path: string): void {
  const at = scores.findIndex(value => !Number.isFinite(value));
  if (at === -1) return;
  throw new HelperError(
    'input/value',
    `expected finite scores of ${path}, ${score} gives ${scores[at]} for weight ${at}; look for NaN in the weights and gradients`
  );
}

/**
 * How many tensors masks are made of, and how many weights they keep.
 * @param masks Masks.
 * @returns Weights that stay, of all weights with a mask.
 */
export function countKept(masks: Masks): { kept: number; all: number } {
  const list = leaves(masks).map(mask => mask.dataSync<'bool'>());
  const sum = (numbers: number[]): number => numbers.reduce((total, x) => total + x, 0);
  return {
    kept: sum(list.map(bits => bits.reduce((total, bit) => total + bit, 0))),
    all: sum(list.map(({ length }) => length))
  };
}
