import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { type Tree } from '../../tree.ts';
import { spend } from '../arithmetic.ts';
import { add, mul, scalar } from '../elementwise.ts';
import { chain } from '../chain.ts';
import { scaleByLearningRate, type LearningRate } from '../scale.ts';
import { defineTransform, eachLeaf, zerosLike, type Transform } from '../transform.ts';

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
      const kept = scalar(decay);
      const fresh = count === 0 ? 1 : 1 - dampening;
      const velocity = eachLeaf(
        (g, v) => {
          const [slowed, pull] = [mul(v, kept), fresh === 1 ? g : tf.mul(g, fresh)];
          return spend(add(slowed, pull), slowed, ...(pull === g ? [] : [pull]));
        },
        gradients,
        old
      );
      const ahead = (g: tf.Tensor, v?: tf.Tensor): tf.Tensor => {
        const slowed = mul(v!, kept);
        return spend(add(g, slowed), slowed);
      };
      const updates = options.nesterov ? eachLeaf(ahead, gradients, velocity) : velocity;
      return { updates, state: { count: count + 1, velocity } };
    }
  });
}

/** Options of gradient descent. */
export interface SgdOptions extends MomentumOptions {
  /**
   * Where the learning rate stands. `torch`, also of optax and TensorFlow.js: beside the velocity, `θ ← θ − rate·v`. `keras`: within it,
   * `v ← decay·v − rate·g` and `θ ← θ + v`, so that a schedule acts on new gradients alone. The two are equal for a constant rate.
   * @default 'torch'
   */
  convention?: 'torch' | 'keras';
}

/**
 * Gradient descent: `θ ← θ − rate·g`, or with a momentum's velocity in place of `g`.
 * @param learningRate At least 0, or a schedule of the step.
 * @param options Momentum and where the rate stands; without `decay` there is no momentum.
 * @returns A transform.
 * @throws HelperError `input/value` for a rate below 0.
 */
export function sgd(learningRate: LearningRate, options: SgdOptions = {}): Transform {
  const descend = scaleByLearningRate(learningRate);
  if (options.decay === undefined) return descend;
  const parts = [momentum(options), descend];
  return chain(...(options.convention === 'keras' ? parts.reverse() : parts));
}
