import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import type { Tree } from '../../tree.ts';
import { chain } from '../chain.ts';
import { scaleByLearningRate, type LearningRate } from '../scale.ts';
import { defineTransform, leafwise, zerosLike, type Transform } from '../transform.ts';
import { averages, divideByRoot, spend } from '../arithmetic.ts';
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
  checkNumber('epsilonRoot', epsilonRoot, { from: 0 });
  checkNumber('epsilon', epsilon, { from: 0 });
  const decay = checkNumber('decay', options.decay ?? 0.9, { from: 0, below: 1 });
  return defineTransform<{ squares: Tree; mean: Tree | null }>('scaleByRms', {
    init: params => ({ squares: zerosLike(params), mean: centred ? zerosLike(params) : null }),
    update(gradients, state) {
      const squares = averages(state.squares, gradients, decay, 'square');
      const mean = state.mean && averages(state.mean, gradients, decay);
      const updates = leafwise(
        (g, s, m) => {
          if (!m) return divideByRoot(g, s, epsilonRoot, epsilon);
          const variance = varianceOf(s, m);
          return spend(divideByRoot(g, variance, epsilonRoot, epsilon), variance);
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
  /**
   * Where the learning rate stands. `keras`, also of optax and TensorFlow.js: the velocity adds up updates that have their rate already.
   * `torch`: it adds up scaled gradients, and the rate multiplies the velocity. The two are equal for a constant rate. @default 'keras'
   */
  convention?: 'keras' | 'torch';
}

/**
 * RMSProp: plain, centred, with momentum or both.
 * @param learningRate Above 0, or a schedule.
 * @param options See `RmspropOptions`.
 * @returns A transform.
 */
export function rmsprop(learningRate: LearningRate, options: RmspropOptions = {}): Transform {
  const { momentum: decay, nesterov, convention } = options;
  const [scaled, rate] = [scaleByRms(options), scaleByLearningRate(learningRate)];
  if (decay === undefined) return chain(scaled, rate);
  const velocity = momentum({ decay, nesterov });
  return convention === 'torch' ? chain(scaled, velocity, rate) : chain(scaled, rate, velocity);
}

function varianceOf(square: tf.Tensor, mean: tf.Tensor): tf.Tensor {
  const ofMean = tf.square(mean);
  const difference = spend(tf.sub(square, ofMean), ofMean);
  return spend(tf.relu(difference), difference);
}
