import * as tf from '@tensorflow/tfjs';
import { permutation, streamSeed } from '../../data/random.ts';
import { checkNumber } from '../../errors.ts';
import {
  checkTransform,
  defineTransform,
  zerosLike,
  type Transform
} from '../../optim/transform.ts';
import type { State, Tree } from '../../tree.ts';
import { namedLeaves, prunableLeaves, type Prunable, type Where } from '../leaves.ts';
import { checkSparsity, type Masks } from '../masks.ts';
import type { Values } from '../scores/score.ts';
import { dropLowest } from '../select.ts';
import { maskLeaves, maskUpdates } from './masking.ts';

/** How a sparse network rewires itself while it trains. */
export interface RiglOptions {
  /** Share of the weights that are 0 at any time, from 0 up to 1. */
  sparsity: number;
  /** Steps between two changes, ΔT. @default 100 */
  every?: number;
  /** Step from which the masks stay as they are, T_end: three quarters of the training in the paper. */
  until: number;
  /** Share of a tensor's weights that is exchanged at first, α; it falls to 0 along half a cosine. @default 0.3 */
  exchange?: number;
  /**
   * How sparse each tensor is: all alike, or larger ones sparser (Erdős–Rényi with the kernel's sides).
   * @default 'erdos-renyi-kernel'
   */
  distribution?: 'uniform' | 'erdos-renyi-kernel';
  /** Which tensors. @default all of two axes or more */
  where?: Where;
  /** Fixes the first masks. @default 0 */
  seed?: number;
}

/**
 * RigL: trains a network that is sparse from the first step to the last. Every so many steps each tensor drops its smallest weights and
 * grows as many where the gradient is largest; new weights start at 0, and at these steps nothing else changes.
 * @param inner The optimiser. It sees gradients of kept weights alone.
 * @param options See `RiglOptions`.
 * @returns A transform for `fit`; `masksOf` its state gives the masks.
 * @throws HelperError `input/value` for numbers out of range.
 * @see Evci et al. 2020, arXiv:1911.11134, algorithm 1
 */
export function rigl(inner: Transform, options: RiglOptions): Transform {
  checkTransform('the inner optimiser', inner);
  const { until, every = 100, exchange = 0.3 } = checkRigl(options);
  const isDue = (step: number): boolean => step > 0 && step % every === 0 && step < until;
  return defineTransform<{ step: number; masks: Masks; inner: State }>(`rigl(${inner.name})`, {
    init: params => ({ step: 0, masks: randomMasks(params, options), inner: inner.init(params) }),
    update(gradients, { step, masks, inner: before }, params, context) {
      if (isDue(step)) {
        const share = (exchange / 2) * (1 + Math.cos((Math.PI * step) / until));
        const next = rewire(params, gradients, masks, share);
        const none = maskUpdates(zerosLike(params), next, params);
        return { updates: none, state: { step: step + 1, masks: next, inner: before } };
      }
      const own = inner.update(maskLeaves(gradients, masks), before, params, context);
      const updates = maskUpdates(own.updates, masks, params);
      return { updates, state: { step: step + 1, masks, inner: own.state } };
    }
  });
}

/**
 * One exchange of RigL in one tensor: drops `count` of the kept weights, the smallest, and grows as many among all that are not kept then,
 * where the gradient is largest. Of equal values the earlier stay and the earlier grow.
 * @param weights The weights.
 * @param gradient Gradient of the loss by each weight, pruned ones too.
 * @param mask 1 for a kept weight, 0 for a pruned one.
 * @param count How many to exchange, at most as many as are kept.
 * @returns The new mask; it keeps as many weights as the old.
 */
export function exchangeWeights(
  weights: Values,
  gradient: Values,
  mask: Uint8Array,
  count: number
): Uint8Array {
  const pruned = mask.filter(value => value === 0).length;
  const sizes = weights.map((w, i) => (mask[i] ? Math.abs(w) : -Infinity));
  const kept = dropLowest(sizes, pruned + count);
  const slopes = gradient.map((g, i) => (kept[i] ? -Infinity : Math.abs(g)));
  const grown = dropLowest(slopes, weights.length - count);
  return Uint8Array.from(kept, (keep, i) => (keep || grown[i] ? 1 : 0));
}

/**
 * The sparsity of each tensor that makes the whole as sparse as asked for.
 * @param tensors The tensors.
 * @param sparsity Of all together.
 * @param distribution `uniform`, or Erdős–Rényi with kernels: density ∝ (sum of the sides) / (product of the sides), at most 1.
 * @returns One sparsity for each.
 */
export function sparsities(
  tensors: readonly { readonly shape: readonly number[]; readonly size: number }[],
  sparsity: number,
  distribution: RiglOptions['distribution'] = 'erdos-renyi-kernel'
): number[] {
  if (distribution === 'uniform') return tensors.map(() => sparsity);
  const raw = tensors.map(({ shape, size }) => shape.reduce((sum, side) => sum + side, 0) / size);
  const total = tensors.reduce((sum, { size }) => sum + size, 0);
  const isDense = tensors.map(() => false);
  // A tensor whose density would pass 1 stays dense, and the others make up for it.
  for (;;) {
    const budget = tensors.reduce(
      (sum, { size }, i) => sum - (isDense[i] ? size : 0),
      total * (1 - sparsity)
    );
    const weight = tensors.reduce((sum, { size }, i) => sum + (isDense[i] ? 0 : raw[i]! * size), 0);
    const factor = weight === 0 ? 0 : budget / weight;
    const passing = raw.map((r, i) => !isDense[i] && r * factor > 1);
    if (!passing.includes(true)) return raw.map((r, i) => (isDense[i] ? 0 : 1 - r * factor));
    passing.forEach((passes, i) => (isDense[i] ||= passes));
  }
}

function randomMasks(
  params: Tree,
  { sparsity, distribution, where, seed = 0 }: RiglOptions
): Masks {
  const chosen = prunableLeaves(params, where);
  const shares = sparsities(
    chosen.map(({ leaf }) => leaf),
    sparsity,
    distribution
  );
  return Object.fromEntries(
    chosen.map(({ path, leaf, index }, i) => [
      path,
      randomMask(leaf, shares[i]!, streamSeed(seed, index))
    ])
  );
}

function randomMask({ shape, size }: Prunable['leaf'], sparsity: number, seed: number): tf.Tensor {
  const mask = new Uint8Array(size);
  permutation(size, seed)
    .subarray(0, Math.max(1, Math.round(size * (1 - sparsity))))
    .forEach(index => (mask[index] = 1));
  return tf.tensor(mask, shape, 'bool');
}

function rewire(params: Tree, gradients: Tree, masks: Masks, share: number): Masks {
  const [weights, slopes] = [namedLeaves(params), namedLeaves(gradients)];
  const next = Object.entries(masks).map(([path, mask]) => {
    const [w, g] = [weights, slopes].map(tree => tree.get(path)!.dataSync<'float32'>());
    const m = mask.dataSync<'bool'>();
    const active = m.reduce((sum, bit) => sum + bit, 0);
    const changed = exchangeWeights(w!, g!, m, Math.floor(share * active));
    return [path, tf.tensor(changed, mask.shape, 'bool')] as const;
  });
  return Object.fromEntries(next);
}

function checkRigl(options: RiglOptions): RiglOptions {
  checkSparsity(options.sparsity);
  checkNumber('until', options.until, { from: 1 });
  checkNumber('every', options.every ?? 100, { from: 1, integer: true });
  checkNumber('exchange', options.exchange ?? 0.3, { above: 0, to: 1 });
  return options;
}
