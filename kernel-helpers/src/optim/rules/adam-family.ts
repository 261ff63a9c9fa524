import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { release, type Tree } from '../../tree.ts';
import { chain } from '../chain.ts';
import { mul } from '../elementwise.ts';
import { scaleByLearningRate, type LearningRate } from '../scale.ts';
import { defineTransform, leafwise, zerosLike, type Transform } from '../transform.ts';
import { averages, plus, spend } from '../arithmetic.ts';
import {
  adamNumbers,
  corrections,
  divideMoments,
  updateMoments,
  zeroMoments,
  type AdamOptions,
  type Moments
} from './adam.ts';

/** Options of NAdam. */
export interface NadamOptions extends AdamOptions {
  /**
   * Rate ψ at which the momentum warms up: `μₜ = β₁·(1 − 0.5·0.96^(t·ψ))`. torch has 0.004, Keras 1; `Infinity` keeps
   * `μₜ = β₁` as optax does. @default 0.004
   */
  momentumDecay?: number;
}

/**
 * NAdam: Adam whose mean looks one step ahead, as Nesterov's momentum does.
 * @param learningRate Above 0, or a schedule. @default 0.002
 * @param options See `NadamOptions`.
 * @returns A transform.
 * @see Dozat 2016, "Incorporating Nesterov momentum into Adam"
 */
export function nadam(learningRate: LearningRate = 2e-3, options: NadamOptions = {}): Transform {
  const numbers = adamNumbers(options);
  const { momentumDecay = 0.004, convention } = options;
  if (momentumDecay !== Infinity) checkNumber('momentumDecay', momentumDecay, { from: 0 });
  const mu = (step: number): number => numbers.beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
  const direction = defineTransform<Moments & { product: number }>('scaleByNadam', {
    init: params => ({ ...zeroMoments(params), product: 1 }),
    update(gradients, old) {
      const state = updateMoments(gradients, old, numbers);
      const { count, square } = state;
      const product = old.product * mu(count);
      const ofMean = mu(count + 1) / (1 - product * mu(count + 1));
      const ofGradient = (1 - mu(count)) / (1 - product);
      const ahead = leafwise(
        (m, g) => {
          const [next, now] = [tf.mul(m, ofMean), tf.mul(g, ofGradient)];
          return spend(tf.add(next, now), next, now);
        },
        state.mean,
        gradients
      );
      const factors = [1, corrections(numbers, count)[1]] as const;
      const updates = divideMoments(ahead, square, factors, numbers, convention);
      release(ahead);
      return { updates, state: { ...state, product } };
    }
  });
  return chain(direction, scaleByLearningRate(learningRate));
}

/**
 * RAdam: Adam that waits with dividing until the variance of the mean square is known well enough.
 * @param learningRate Above 0, or a schedule. @default 0.001
 * @param options Adam's, and the `threshold` of the length of the approximated average from which it divides. @default 5
 * @returns A transform.
 * @see Liu et al. 2020, arXiv:1908.03265, algorithm 2
 */
export function radam(
  learningRate: LearningRate = 1e-3,
  options: AdamOptions & { threshold?: number } = {}
): Transform {
  const numbers = adamNumbers(options);
  const { convention } = options;
  const threshold = checkNumber('threshold', options.threshold ?? 5, { from: 4 });
  const longest = 2 / (1 - numbers.beta2) - 1;
  const direction = defineTransform<Moments>('scaleByRadam', {
    init: zeroMoments,
    update(gradients, old) {
      const state = updateMoments(gradients, old, numbers);
      const { count, mean, square } = state;
      const correction = corrections(numbers, count);
      const length = longest - (2 * count * numbers.beta2 ** count) / correction[1];
      if (length < threshold) {
        return { updates: leafwise(m => tf.div(m, correction[0]), mean), state };
      }
      const rectification = Math.sqrt(
        ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length)
      );
      const rectified = [correction[0] / rectification, correction[1]] as const;
      return { updates: divideMoments(mean, square, rectified, numbers, convention), state };
    }
  });
  return chain(direction, scaleByLearningRate(learningRate));
}

/** Options of AMSGrad. */
export interface AmsgradOptions extends AdamOptions {
  /** What the maximum is kept of: the `corrected` mean square, as in optax, or the `raw` one, as in torch and Keras. @default 'raw' */
  maximumOf?: 'raw' | 'corrected';
}

/**
 * AMSGrad: Adam that divides by the largest mean square so far, so that its rates never grow.
 * @param learningRate Above 0, or a schedule. @default 0.001
 * @param options See `AmsgradOptions`.
 * @returns A transform.
 * @see Reddi et al. 2018, "On the convergence of Adam and beyond", algorithm 2
 */
export function amsgrad(
  learningRate: LearningRate = 1e-3,
  options: AmsgradOptions = {}
): Transform {
  const numbers = adamNumbers(options);
  const direction = defineTransform<Moments & { largest: Tree }>('scaleByAmsgrad', {
    init: params => ({ ...zeroMoments(params), largest: zerosLike(params) }),
    update(gradients, old) {
      const state = updateMoments(gradients, old, numbers);
      const [first, second] = corrections(numbers, state.count);
      const corrected = options.maximumOf === 'corrected';
      const largest = leafwise(
        (s, l) => tf.maximum(corrected ? tf.div(s, second) : s, l),
        state.square,
        old.largest
      );
      const factors = [first, corrected ? 1 : second] as const;
      const updates = divideMoments(state.mean, largest, factors, numbers, options.convention);
      return { updates, state: { ...state, largest } };
    }
  });
  return chain(direction, scaleByLearningRate(learningRate));
}

/**
 * Adamax: Adam with the largest gradient in place of the root mean square.
 * `torch`, also of optax: `u ← max(β₂u, |g| + ε)` and `m̂ / u`; `keras`: `u ← max(β₂u, |g|)` and `m̂ / (u + ε)`.
 * @param learningRate Above 0, or a schedule. @default 0.002
 * @param options Adam's; `epsilonRoot` is not used.
 * @returns A transform.
 * @see Kingma and Ba 2015, arXiv:1412.6980, section 7.1
 */
export function adamax(learningRate: LearningRate = 2e-3, options: AdamOptions = {}): Transform {
  const { beta1, beta2, epsilon } = adamNumbers(options);
  const [inside, outside] = options.convention === 'keras' ? [0, epsilon] : [epsilon, 0];
  const direction = defineTransform<{ count: number; mean: Tree; largest: Tree }>('scaleByAdamax', {
    init: params => ({ count: 0, mean: zerosLike(params), largest: zerosLike(params) }),
    update(gradients, old) {
      const count = old.count + 1;
      const mean = averages(old.mean, gradients, beta1);
      const [keeps, correction] = [tf.scalar(beta2), tf.scalar(1 - beta1 ** count)];
      const largest = leafwise(
        (g, u) => {
          const size = tf.abs(g);
          const fresh = inside === 0 ? size : spend(tf.add(size, inside), size);
          const kept = mul(u, keeps);
          return spend(tf.maximum(kept, fresh), kept, fresh);
        },
        gradients,
        old.largest
      );
      const updates = leafwise(
        (m, u) => {
          const corrected = tf.div(m, correction);
          const quotient = plus(u, outside, divisor => tf.div(corrected, divisor));
          return spend(quotient, corrected);
        },
        mean,
        largest
      );
      return { updates, state: { count, mean, largest } };
    }
  });
  return chain(direction, scaleByLearningRate(learningRate));
}
