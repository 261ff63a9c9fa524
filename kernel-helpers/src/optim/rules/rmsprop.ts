import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import type { Tree } from '../../tree.ts';
import { chain } from '../chain.ts';
import { scaleByLearningRate, type LearningRate } from '../scale.ts';
import { defineTransform, leafwise, zerosLike, type Transform } from '../transform.ts';
import { average, divideByRoot } from '../arithmetic.ts';
import { momentum } from './sgd.ts';

/** Options of RMSProp. */
export interface RmsOptions {
  /** Share of the old average that is kept, from 0 up to 1. @default 0.9 */
  decay?: number;
  /** Added under the root, the convention of optax, Keras and TensorFlow.js. @default 1e-8 */
  epsilonRoot?: number;
  /** Added to the root, the convention of torch, which has no `epsilonRoot`. @default 0 */
  epsilon?: number;
  /** Subtracts the square of the mean gradient: divides by the standard deviation. @default false */
  centred?: boolean;
}

/**
 * Divides by the root of a running average of squared gradients, or by their standard deviation when centred.
 * The variance of the centred form is kept from falling below 0 by rounding, which would give NaN.
 * @param options Decay, epsilons, centring.
 * @returns A transform.
 * @see Tieleman and Hinton 2012, lecture 6.5; Graves 2013, arXiv:1308.0850, for the centred form
 */
export function scaleByRms(options: RmsOptions = {}): Transform {
  const { epsilonRoot = 1e-8, epsilon = 0, centred = false } = options;
  const decay = checkNumber('decay', options.decay ?? 0.9, { from: 0, below: 1 });
  return defineTransform<{ squares: Tree; mean: Tree | null }>('scaleByRms', {
    init: params => ({ squares: zerosLike(params), mean: centred ? zerosLike(params) : null }),
    update(gradients, state) {
      const squares = leafwise((g, s) => average(s, tf.square(g), decay), gradients, state.squares);
      const mean = state.mean && leafwise((g, m) => average(m, g, decay), gradients, state.mean);
      const updates = leafwise(
        (g, s, m) => {
          const variance = m ? tf.relu(tf.sub(s, tf.square(m))) : s;
          return divideByRoot(g, variance, epsilonRoot, epsilon);
        },
        gradients,
        squares,
        ...(mean ? [mean] : [])
      );
      return { updates, state: { squares, mean } };
    }
  });
}

/** Options of RMSProp with momentum. */
export interface RmspropOptions extends RmsOptions {
  /** Share of the velocity that is kept; none without it. */
  momentum?: number;
  /** Looks one step ahead. @default false */
  nesterov?: boolean;
}

/**
 * RMSProp: plain, centred, with momentum or both.
 * The velocity adds up updates that have their learning rate already, as in optax and Keras; with a constant rate that is
 * torch's form too.
 * @param learningRate Above 0, or a schedule.
 * @param options See `RmspropOptions`.
 * @returns A transform.
 */
export function rmsprop(learningRate: LearningRate, options: RmspropOptions = {}): Transform {
  const parts = [scaleByRms(options), scaleByLearningRate(learningRate)];
  const { momentum: decay, nesterov } = options;
  return decay === undefined ? chain(...parts) : chain(...parts, momentum({ decay, nesterov }));
}
