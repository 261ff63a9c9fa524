import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { leaves, mapTree, type Tree } from '../../tree.ts';
import { chain } from '../chain.ts';
import { addDecayedWeights } from '../gradients/decay.ts';
import { clipByRms } from '../gradients/clipping.ts';
import { ema } from '../gradients/ema.ts';
import { scale, scaleBySchedule, type LearningRate } from '../scale.ts';
import { defineTransform, leafwise, stateless, type Transform } from '../transform.ts';
import type { DecayOptions } from './adam.ts';

/** Options of the factored second moment. */
export interface FactoredOptions {
  /** Tensors whose second largest dimension is at least this keep row and column means only. @default 128 */
  minDimension?: number;
  /** Exponent of the decay `1 − t^(−decayRate)`. @default 0.8 */
  decayRate?: number;
  /** Added to squared gradients. @default 1e-30 */
  epsilon?: number;
}

/**
 * Divides by the root mean square of gradients, kept for a matrix as one mean per row and one per column.
 * @param options See `FactoredOptions`.
 * @returns A transform whose state grows with the sum, not the product, of a matrix's dimensions.
 * @see Shazeer and Stern 2018, arXiv:1804.04235, algorithm 4
 */
export function scaleByFactoredRms(options: FactoredOptions = {}): Transform {
  const { minDimension = 128, decayRate = 0.8, epsilon = 1e-30 } = options;
  checkNumber('minDimension', minDimension, { from: 1 });
  checkNumber('decayRate', decayRate, { above: 0 });
  checkNumber('epsilon', epsilon, { from: 0 });
  return defineTransform<{ count: number; means: readonly (readonly tf.Tensor[])[] }>(
    'scaleByFactoredRms',
    {
      init: params => ({
        count: 0,
        means: leaves(params).map(leaf => {
          const axes = factoredAxes(leaf.shape, minDimension);
          return axes
            ? axes.map(axis => tf.zeros(without(leaf.shape, axis)))
            : [tf.zerosLike(leaf)];
        })
      }),
      update(gradients, { count, means: old }) {
        const decay = 1 - (count + 1) ** -decayRate;
        const means: tf.Tensor[][] = [];
        const updates = mapTree(gradients, (g, _, index) => {
          const square = tf.add(tf.square(g), epsilon);
          const axes = factoredAxes(g.shape, minDimension);
          const fresh = axes ? axes.map(axis => tf.mean(square, axis)) : [square];
          const next = fresh.map((mean, i) =>
            tf.add(tf.mul(old[index]![i]!, decay), tf.mul(mean, 1 - decay))
          );
          means.push(next);
          return axes ? tf.mul(g, factors(next, axes)) : tf.mul(g, tf.rsqrt(next[0]!));
        });
        return { updates, state: { count: count + 1, means } };
      }
    }
  );
}

/** Options of Adafactor. */
export interface AdafactorOptions extends FactoredOptions, DecayOptions {
  /** Largest root mean square of an update before the learning rate; null for none. @default 1 */
  clip?: number | null;
  /** Multiplies by the root mean square of the parameters, so that the rate is relative. @default true */
  relative?: boolean;
  /** Share of the old average of updates that is kept; none without it. */
  momentum?: number;
}

/**
 * Adafactor.
 * @param learningRate Above 0, or a schedule; relative to the size of each tensor.
 * @param options See `AdafactorOptions`. @default weightDecay 0
 * @returns A transform.
 * @see Shazeer and Stern 2018, arXiv:1804.04235
 */
export function adafactor(learningRate: LearningRate, options: AdafactorOptions = {}): Transform {
  const { clip = 1, relative = true, momentum, weightDecay = 0, mask } = options;
  const rate =
    typeof learningRate === 'function'
      ? scaleBySchedule(learningRate)
      : scale(checkNumber('the learning rate', learningRate, { above: 0 }));
  return chain(
    scaleByFactoredRms(options),
    ...(clip === null ? [] : [clipByRms(clip)]),
    rate,
    ...(relative ? [scaleByParamRms()] : []),
    ...(momentum === undefined ? [] : [ema(momentum, { debias: false })]),
    ...(weightDecay === 0 ? [] : [addDecayedWeights(weightDecay, mask)]),
    scale(-1)
  );
}

/**
 * Multiplies each tensor's update by the root mean square of the tensor.
 * @param smallest The least factor, so that parameters of 0 can leave it. @default 0.001
 * @returns A stateless transform.
 */
export function scaleByParamRms(smallest = 1e-3): Transform {
  checkNumber('smallest', smallest, { from: 0 });
  return stateless('scaleByParamRms', (updates: Tree, params: Tree) =>
    leafwise(
      (u, p) => tf.mul(u, tf.maximum(tf.sqrt(tf.mean(tf.square(p))), smallest)),
      updates,
      params
    )
  );
}

/** The axes to take means over, the largest first; undefined for a tensor that is too small to factor. */
function factoredAxes(shape: readonly number[], minDimension: number): number[] | undefined {
  const byLength = shape.map((_, axis) => axis).sort((a, b) => shape[a]! - shape[b]! || a - b);
  const [second, largest] = byLength.slice(-2);
  if (largest === undefined || second === undefined || shape[second]! < minDimension)
    return undefined;
  return [largest, second];
}

/** `1/√(r·c / mean(r))`, which approximates one over the root of the full mean square. */
function factors(
  [rows, columns]: readonly tf.Tensor[],
  [largest, second]: readonly number[]
): tf.Tensor {
  const axis = second! > largest! ? second! - 1 : second!;
  const row = tf.rsqrt(tf.div(rows!, tf.mean(rows!, axis, true)));
  return tf.mul(tf.expandDims(row, largest), tf.expandDims(tf.rsqrt(columns!), second));
}

function without(shape: readonly number[], axis: number): number[] {
  return shape.filter((_, index) => index !== axis);
}
