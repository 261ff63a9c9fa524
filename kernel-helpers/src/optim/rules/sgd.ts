import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { type Tree } from '../../tree.ts';
import { chain } from '../chain.ts';
import { scaleByLearningRate, type LearningRate } from '../scale.ts';
import { defineTransform, leafwise, zerosLike, type Transform } from '../transform.ts';

/** Options of momentum. */
export interface MomentumOptions {
  /** Share of the velocity that is kept, from 0 up to 1. @default 0.9 */
  decay?: number;
  /** Looks one step ahead, as Nesterov's method does. @default false */
  nesterov?: boolean;
  /** Share of a new gradient that is left out: `v = decay·v + (1 − dampening)·g`, from the second step on. @default 0 */
  dampening?: number;
}

/**
 * Accumulates a velocity: `v ← decay·v + g`; the update is `v`, or `decay·v + g` with Nesterov's look-ahead.
 * This is the convention of torch, optax and TensorFlow.js: the learning rate is applied to the velocity afterwards.
 * @param options Decay, look-ahead and dampening.
 * @returns A transform whose state holds one velocity tensor per parameter.
 * @see Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"
 */
export function momentum(options: MomentumOptions = {}): Transform {
  const decay = checkNumber('decay', options.decay ?? 0.9, { from: 0, below: 1 });
  const dampening = checkNumber('dampening', options.dampening ?? 0, { from: 0, below: 1 });
  return defineTransform<{ count: number; velocity: Tree }>('momentum', {
    init: params => ({ count: 0, velocity: zerosLike(params) }),
    update(gradients, { count, velocity: old }) {
      const kept = tf.scalar(decay);
      const fresh = count === 0 ? 1 : 1 - dampening;
      const velocity = leafwise(
        (g, v) => tf.add(tf.mul(v, kept), fresh === 1 ? g : tf.mul(g, fresh)),
        gradients,
        old
      );
      const ahead = (g: tf.Tensor, v?: tf.Tensor): tf.Tensor => tf.add(g, tf.mul(v!, kept));
      const updates = options.nesterov ? leafwise(ahead, gradients, velocity) : velocity;
      return { updates, state: { count: count + 1, velocity } };
    }
  });
}

/**
 * Gradient descent: `θ ← θ − rate·g`, or with a momentum's velocity in place of `g`.
 * @param learningRate Above 0, or a schedule of the step.
 * @param options Momentum; without `decay` there is none.
 * @returns A transform.
 * @throws HelperError `input/value` for a rate of 0 or below.
 */
export function sgd(learningRate: LearningRate, options: MomentumOptions = {}): Transform {
  const descend = scaleByLearningRate(learningRate);
  return options.decay === undefined ? descend : chain(momentum(options), descend);
}
