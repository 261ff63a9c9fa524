import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import type { Tree } from '../../tree.ts';
import { chain } from '../chain.ts';
import { add, mul } from '../elementwise.ts';
import { addDecayedWeights, type Mask } from '../gradients/decay.ts';
import { scale, scaleByLearningRate, scaleBySchedule, type LearningRate } from '../scale.ts';
import { defineTransform, leafwise, zerosLike, type Transform } from '../transform.ts';
import { averages, plus, spend } from '../arithmetic.ts';

/** Options of Adam and its relatives. */
export interface AdamOptions {
  /** Decay β₁ of the mean, from 0 up to 1. @default 0.9 */
  beta1?: number;
  /** Decay β₂ of the mean square, from 0 up to 1. @default 0.999 */
  beta2?: number;
  /** ε, added to the root of the corrected mean square. @default 1e-8 */
  epsilon?: number;
  /** Added under that root. @default 0 */
  epsilonRoot?: number;
  /**
   * Where ε stands. `torch`, also of optax and TensorFlow.js: beside the corrected root, `m̂ / (√v̂ + ε)`. `keras`: beside the
   * uncorrected one, so that its ε weighs 1/√(1 − β₂ᵗ) as much. @default 'torch'
   */
  convention?: 'torch' | 'keras';
}

/** The checked numbers of Adam's options. */
export interface AdamNumbers {
  /** β₁. */
  readonly beta1: number;
  /** β₂. */
  readonly beta2: number;
  /** ε. */
  readonly epsilon: number;
  /** ε under the root. */
  readonly epsilonRoot: number;
}

/** State of Adam: steps taken, mean and mean square of the gradients. */
export type Moments = { count: number; mean: Tree; square: Tree };

/**
 * Checks Adam's options.
 * @param options What the caller passed.
 * @returns The numbers, with defaults filled in.
 * @throws HelperError `input/value` for a decay outside 0 to 1 or a negative epsilon.
 */
export function adamNumbers(options: AdamOptions): AdamNumbers {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, epsilonRoot = 0 } = options;
  checkNumber('beta1', beta1, { from: 0, below: 1 });
  checkNumber('beta2', beta2, { from: 0, below: 1 });
  checkNumber('epsilon', epsilon, { from: 0 });
  checkNumber('epsilonRoot', epsilonRoot, { from: 0 });
  return { beta1, beta2, epsilon, epsilonRoot };
}

/**
 * Moments that start at 0.
 * @param params The parameters.
 * @returns The first state.
 */
export function zeroMoments(params: Tree): Moments {
  return { count: 0, mean: zerosLike(params), square: zerosLike(params) };
}

/**
 * Takes a gradient into the moments.
 * @param gradients The gradients.
 * @param old The moments so far.
 * @param numbers The decays.
 * @returns The new moments.
 */
export function updateMoments(gradients: Tree, old: Moments, numbers: AdamNumbers): Moments {
  return {
    count: old.count + 1,
    mean: averages(old.mean, gradients, numbers.beta1),
    square: averages(old.square, gradients, numbers.beta2, 'square')
  };
}

/**
 * Divides bias-corrected means by the root of bias-corrected mean squares: `m̂ / (√(v̂ + epsilonRoot) + ε)`.
 * The corrections are folded into one factor and the epsilons, which saves two passes over the parameters.
 * @param mean The uncorrected means, or what takes their place.
 * @param square The uncorrected mean squares.
 * @param corrections `1 − β₁ᵗ` and `1 − β₂ᵗ`.
 * @param numbers The epsilons.
 * @param convention Where ε stands.
 * @returns The updates, not yet scaled by a learning rate.
 */
export function divideMoments(
  mean: Tree,
  square: Tree,
  corrections: readonly [number, number],
  numbers: AdamNumbers,
  convention: AdamOptions['convention'] = 'torch'
): Tree {
  const root = Math.sqrt(corrections[1]);
  const epsilon = numbers.epsilon * (convention === 'torch' ? root : 1);
  const under = numbers.epsilonRoot * corrections[1];
  const [more, factor] = [tf.scalar(epsilon), tf.scalar(root / corrections[0])];
  return leafwise(
    (m, s) => {
      const deviation = plus(s, under, tf.sqrt);
      const divisor = spend(add(deviation, more), deviation);
      const quotient = spend(tf.div(m, divisor), divisor);
      return spend(mul(quotient, factor), quotient);
    },
    mean,
    square
  );
}

/**
 * Adam's direction: the mean gradient over the root of its mean square, both corrected for starting at 0.
 * @param options Decays and epsilons.
 * @returns A transform whose state holds two tensors per parameter.
 * @see Kingma and Ba 2015, arXiv:1412.6980, algorithm 1
 */
export function scaleByAdam(options: AdamOptions = {}): Transform {
  const numbers = adamNumbers(options);
  return defineTransform<Moments>('scaleByAdam', {
    init: zeroMoments,
    update(gradients, old) {
      const state = updateMoments(gradients, old, numbers);
      const { mean, square, count } = state;
      const updates = divideMoments(
        mean,
        square,
        corrections(numbers, count),
        numbers,
        options.convention
      );
      return { updates, state };
    }
  });
}

/**
 * Adam's bias corrections after `count` steps.
 * @param numbers The decays.
 * @param count Steps taken, at least 1.
 * @returns `1 − β₁ᵗ` and `1 − β₂ᵗ`.
 */
export function corrections(numbers: AdamNumbers, count: number): [number, number] {
  return [1 - numbers.beta1 ** count, 1 - numbers.beta2 ** count];
}

/**
 * Adam.
 * @param learningRate Above 0, or a schedule. @default 0.001
 * @param options See `AdamOptions`.
 * @returns A transform.
 * @see Kingma and Ba 2015, arXiv:1412.6980
 */
export function adam(learningRate: LearningRate = 1e-3, options?: AdamOptions): Transform {
  return chain(scaleByAdam(options), scaleByLearningRate(learningRate));
}

/** Options of optimisers with decoupled weight decay. */
export interface DecayOptions {
  /** Decay per step and unit of learning rate: `θ ← θ − rate·(u + weightDecay·θ)`, the convention of torch and Keras. */
  weightDecay?: number;
  /** Which parameters decay; all without it. */
  mask?: Mask;
}

/** Options of AdamW. */
export interface AdamwOptions extends AdamOptions, DecayOptions {
  /**
   * η of the paper, at least 0, or a schedule: multiplies step and decay alike, and the learning rate no longer multiplies the decay,
   * `θ ← θ − η·(rate·u + weightDecay·θ)`. Without it the decay is multiplied by the learning rate, as in torch, Keras and optax.
   */
  multiplier?: LearningRate;
}

/**
 * Adam with decoupled weight decay, by the convention of torch, Keras and optax; with a `multiplier`, by that of the paper.
 * @param learningRate Above 0, or a schedule. @default 0.001
 * @param options Adam's options and the decay. @default weightDecay 0.01
 * @returns A transform.
 * @see Loshchilov and Hutter 2019, arXiv:1711.05101
 */
export function adamw(learningRate: LearningRate = 1e-3, options: AdamwOptions = {}): Transform {
  const { multiplier, weightDecay = 0.01, mask } = options;
  const decay = addDecayedWeights(weightDecay, mask);
  if (multiplier === undefined) {
    return chain(scaleByAdam(options), decay, scaleByLearningRate(learningRate));
  }
  const rate =
    typeof learningRate === 'function'
      ? scaleBySchedule(learningRate)
      : scale(checkNumber('the learning rate', learningRate, { from: 0 }));
  return chain(scaleByAdam(options), rate, decay, scaleByLearningRate(multiplier));
}
