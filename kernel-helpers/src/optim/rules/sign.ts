import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import type { Tree } from '../../tree.ts';
import { chain } from '../chain.ts';
import { addDecayedWeights } from '../gradients/decay.ts';
import { ema } from '../gradients/ema.ts';
import { scaleByLearningRate, type LearningRate } from '../scale.ts';
import { defineTransform, leafwise, stateless, zerosLike, type Transform } from '../transform.ts';
import type { DecayOptions } from './adam.ts';
import { average, averages, spend } from '../arithmetic.ts';

/**
 * Keeps only the sign of each gradient: −1, 0 or 1.
 * @returns A stateless transform.
 */
export function scaleBySign(): Transform {
  return stateless('scaleBySign', gradients => leafwise(g => tf.sign(g), gradients));
}

/**
 * signSGD: each parameter moves by the learning rate, whatever the size of its gradient. It need not converge with noise that
 * is not symmetric: see the counter-examples in the paper on error feedback.
 * @param learningRate Above 0, or a schedule.
 * @returns A transform.
 * @see Bernstein et al. 2018, arXiv:1802.04434, algorithm 1; Karimireddy et al. 2019, arXiv:1901.09847, section 3
 */
export function signSgd(learningRate: LearningRate): Transform {
  return chain(scaleBySign(), scaleByLearningRate(learningRate));
}

/**
 * Signum: the sign of a running average of gradients.
 * @param learningRate Above 0, or a schedule.
 * @param options `beta`: share of the old average that is kept. @default 0.9
 * @returns A transform.
 * @see Bernstein et al. 2018, arXiv:1802.04434, algorithm 2
 */
export function signum(learningRate: LearningRate, options: { beta?: number } = {}): Transform {
  const average = ema(options.beta ?? 0.9, { debias: false });
  return chain(average, scaleBySign(), scaleByLearningRate(learningRate));
}

/** Options of Lion. */
export interface LionOptions extends DecayOptions {
  /** Share of the old average in the direction. @default 0.9 */
  beta1?: number;
  /** Share of the old average that is kept. @default 0.99 */
  beta2?: number;
}

/**
 * Lion: the sign of an interpolation between the running average and the gradient.
 * @param learningRate Above 0, or a schedule; three to ten times smaller than Adam's.
 * @param options Decays and weight decay. @default weightDecay 0
 * @returns A transform whose state holds one tensor per parameter.
 * @see Chen et al. 2023, arXiv:2302.06675, algorithm 2
 */
export function lion(learningRate: LearningRate = 1e-4, options: LionOptions = {}): Transform {
  const beta1 = checkNumber('beta1', options.beta1 ?? 0.9, { from: 0, below: 1 });
  const beta2 = checkNumber('beta2', options.beta2 ?? 0.99, { from: 0, below: 1 });
  const direction = defineTransform<{ mean: Tree }>('scaleByLion', {
    init: params => ({ mean: zerosLike(params) }),
    update: (gradients, { mean }) => ({
      updates: leafwise(
        (g, m) => {
          const direction = average(m, g, beta1);
          return spend(tf.sign(direction), direction);
        },
        gradients,
        mean
      ),
      state: { mean: averages(mean, gradients, beta2) }
    })
  });
  const decay = addDecayedWeights(options.weightDecay ?? 0, options.mask);
  return chain(direction, decay, scaleByLearningRate(learningRate));
}
