import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../../errors.ts';
import { tidy } from '../../tidy.ts';
import { mapTree, type State, type Tree } from '../../tree.ts';
import type { LearningRate } from '../scale.ts';
import { defineTransform, leafwise, type Transform } from '../transform.ts';
import { adamw, type AdamOptions, type DecayOptions } from './adam.ts';
import { sgd } from './sgd.ts';

/** Options of schedule-free training. */
export interface ScheduleFreeOptions {
  /** How far gradients are taken from the fast sequence towards the average, above 0 and below 1. @default 0.9 */
  beta?: number;
  /** Power of the largest rate so far that weighs a step in the average. @default 2 */
  weightPower?: number;
}

type ScheduleFree = {
  count: number;
  beta: number;
  largest: number;
  weight: number;
  fast: Tree;
  inner: State;
};

/**
 * Replaces a schedule and momentum by averaging: gradients are taken at `y = (1 − β)z + βx`, the inner optimiser moves the fast
 * sequence `z`, and `x` averages it. The parameters that training sees are `y`; evaluate at `x`, which `averagedParams` gives.
 * @param inner Moves `z`; without momentum of its own.
 * @param learningRate The inner one's rate, which weighs the average.
 * @param options See `ScheduleFreeOptions`.
 * @returns A transform whose state holds one tensor per parameter besides the inner state.
 * @see Defazio et al. 2024, arXiv:2405.15682, equations 3 to 5
 */
export function scheduleFree(
  inner: Transform,
  learningRate: LearningRate,
  options: ScheduleFreeOptions = {}
): Transform {
  const beta = checkNumber('beta', options.beta ?? 0.9, { above: 0, below: 1 });
  const weightPower = checkNumber('weightPower', options.weightPower ?? 2, { from: 0 });
  return defineTransform<ScheduleFree>(`scheduleFree(${inner.name})`, {
    init: params => ({
      count: 0,
      beta,
      largest: 0,
      weight: 0,
      fast: mapTree(params, leaf => leaf.clone()),
      inner: inner.init(params)
    }),
    update(gradients, old, params, context) {
      const count = old.count + 1;
      const rate = typeof learningRate === 'function' ? learningRate(count) : learningRate;
      const largest = Math.max(old.largest, rate);
      const weight = old.weight + largest ** weightPower;
      const share = weight > 0 ? largest ** weightPower / weight : 0;
      const moved = inner.update(gradients, old.inner, params, context);
      const fast = leafwise((z, u) => tf.add(z, u), old.fast, moved.updates);
      const updates = leafwise(
        (y, oldZ, z) => {
          const x = slow(y, oldZ, beta);
          const nextX = tf.add(tf.mul(x, 1 - share), tf.mul(z, share));
          return tf.sub(tf.add(tf.mul(nextX, beta), tf.mul(z, 1 - beta)), y);
        },
        params,
        old.fast,
        fast
      );
      return { updates, state: { count, beta, largest, weight, fast, inner: moved.state } };
    }
  });
}

/**
 * The averaged parameters of a schedule-free run, to evaluate and keep.
 * @param state State of the outermost `scheduleFree`.
 * @param params The parameters that training sees.
 * @returns New tensors.
 * @throws HelperError `optim/foreign-state` for another optimiser's state.
 */
export function averagedParams<P extends Tree>(state: State, params: P): P {
  const own = state as Partial<ScheduleFree> | null;
  if (typeof own?.beta !== 'number' || own.fast === undefined) {
    throw new HelperError('optim/foreign-state', 'expected the state of a scheduleFree transform');
  }
  const { beta } = own;
  const { fast } = own;
  return tidy(() => leafwise((y, z) => slow(y, z, beta), params, fast));
}

/**
 * Schedule-free gradient descent.
 * @param learningRate Above 0, or a schedule that only warms up.
 * @param options See `ScheduleFreeOptions`.
 * @returns A transform.
 */
export function scheduleFreeSgd(
  learningRate: LearningRate,
  options?: ScheduleFreeOptions
): Transform {
  return scheduleFree(sgd(learningRate), learningRate, options);
}

/**
 * Schedule-free AdamW: AdamW without its mean, averaged.
 * @param learningRate Above 0, or a schedule that only warms up.
 * @param options Those of schedule-free training and of AdamW but `beta1`. @default weightDecay 0
 * @returns A transform.
 */
export function scheduleFreeAdamw(
  learningRate: LearningRate,
  options: ScheduleFreeOptions & Omit<AdamOptions, 'beta1'> & DecayOptions = {}
): Transform {
  const inner = adamw(learningRate, { weightDecay: 0, ...options, beta1: 0 });
  return scheduleFree(inner, learningRate, options);
}

function slow(y: tf.Tensor, z: tf.Tensor, beta: number): tf.Tensor {
  return tf.div(tf.sub(y, tf.mul(z, 1 - beta)), beta);
}
