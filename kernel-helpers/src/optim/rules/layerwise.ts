import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { chain } from '../chain.ts';
import { addDecayedWeights } from '../gradients/decay.ts';
import { masked, type Mask } from '../masks.ts';
import { scaleByLearningRate, type LearningRate } from '../scale.ts';
import { leafwise, stateless, type Transform } from '../transform.ts';
import { scaleByAdam, type AdamOptions, type DecayOptions } from './adam.ts';
import { momentum } from './sgd.ts';

/**
 * Scales each tensor's update to the size of the tensor: by `coefficient·‖θ‖ / (‖u‖ + epsilon)`, or not at all where either
 * norm is 0.
 * @param options `coefficient` (default 1) and `epsilon` (default 0).
 * @returns A stateless transform.
 */
export function scaleByTrustRatio(
  options: { coefficient?: number; epsilon?: number } = {}
): Transform {
  const coefficient = checkNumber('coefficient', options.coefficient ?? 1, { above: 0 });
  const epsilon = checkNumber('epsilon', options.epsilon ?? 0, { from: 0 });
  return stateless('scaleByTrustRatio', (updates, params) =>
    leafwise(
      (u, p) => {
        const [ofUpdate, ofParam] = [tf.norm(u), tf.norm(p)];
        const either = tf.logicalOr(tf.equal(ofUpdate, 0), tf.equal(ofParam, 0));
        const ratio = tf.div(tf.mul(ofParam, coefficient), tf.add(ofUpdate, epsilon));
        return tf.mul(u, tf.where(either, tf.onesLike(ratio), ratio));
      },
      updates,
      params
    )
  );
}

/**
 * LAMB: Adam's direction with weight decay, each tensor scaled to its own size; for very large batches.
 * @param learningRate Above 0, or a schedule. @default 0.001
 * @param options Adam's and the decay. @default epsilon 1e-6, weightDecay 0
 * @returns A transform.
 * @see You et al. 2020, arXiv:1904.00962, algorithm 2
 */
export function lamb(
  learningRate: LearningRate = 1e-3,
  options: AdamOptions & DecayOptions = {}
): Transform {
  return chain(
    scaleByAdam({ epsilon: 1e-6, ...options }),
    addDecayedWeights(options.weightDecay ?? 0, options.mask),
    scaleByTrustRatio(),
    scaleByLearningRate(learningRate)
  );
}

/** Options of LARS. */
export interface LarsOptions extends DecayOptions {
  /** η, the trust that the paper writes in front of the ratio. @default 0.001 */
  coefficient?: number;
  /** Added to the norm of the update. @default 0 */
  epsilon?: number;
  /** Share of the velocity that is kept. @default 0.9 */
  momentum?: number;
  /** Looks one step ahead. @default false */
  nesterov?: boolean;
  /** Which parameters are scaled to their size; all without it. */
  trustMask?: Mask;
}

/**
 * LARS: momentum whose gradients are scaled, tensor by tensor, to the size of the parameters. The velocity adds up updates
 * that have their learning rate already.
 * @param learningRate Above 0, or a schedule.
 * @param options See `LarsOptions`. @default weightDecay 0
 * @returns A transform.
 * @see You et al. 2017, arXiv:1708.03888, algorithm 1
 */
export function lars(learningRate: LearningRate, options: LarsOptions = {}): Transform {
  const { coefficient = 0.001, epsilon = 0, momentum: decay = 0.9, nesterov, trustMask } = options;
  const trust = scaleByTrustRatio({ coefficient, epsilon });
  return chain(
    addDecayedWeights(options.weightDecay ?? 0, options.mask),
    trustMask ? masked(trust, trustMask) : trust,
    scaleByLearningRate(learningRate),
    momentum({ decay, nesterov })
  );
}
