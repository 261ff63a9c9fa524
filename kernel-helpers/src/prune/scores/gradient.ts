import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { need, type Score } from './score.ts';

/**
 * First-order Taylor expansion: how much the loss changes when the weight becomes 0, |w·g|.
 * Needs `gradients`, best the mean over many examples; in `pruning` the latest batch's.
 * @param options `squared` gives (w·g)², the form of the later paper: the order is the same for single weights, not for the sums over
 *   a group. @default false
 * @returns A score, in the loss's unit.
 * @see Molchanov et al. 2017, arXiv:1611.06440; 2019, arXiv:1906.10771, for the square
 */
export function taylor(options: { squared?: boolean } = {}): Score {
  const { squared = false } = options;
  return {
    name: 'taylor',
    of: (weights, evidence) => {
      const gradient = need('taylor', 'gradient', evidence);
      return weights.map((w, i) =>
        squared ? (w * gradient[i]!) ** 2 : Math.abs(w * gradient[i]!)
      );
    }
  };
}

/**
 * Movement: −Σ w·g over the steps so far. Weights that training drives away from 0 score high, those it drives towards 0 low,
 * however large they are. Weights that are already masked are 0 and keep the score they had.
 * @returns A score, in the loss's unit; `pruning` gathers it, and `makeMasks` takes it as `memory`.
 * @see Sanh et al. 2020, arXiv:2005.07683, equation 4 (without the learning rate, which does not change the order)
 */
export function movement(): Score {
  return {
    name: 'movement',
    of: (_, evidence) => need('movement', 'memory', evidence),
    remember: (memory, weights, gradient) => tf.sub(memory, tf.mul(weights, gradient))
  };
}

/**
 * Optimal brain damage: ½·h·w² with the diagonal h of the Hessian, which `hessianDiagonal` computes and `makeMasks` takes as `memory`.
 * Within `pruning`, h is a running mean of the squared gradient (the empirical Fisher information).
 * @param options `decay` of that running mean. @default 0.99
 * @returns A score, in the loss's unit.
 * @see LeCun et al. 1989, "Optimal brain damage"; Theis et al. 2018, arXiv:1801.05787, for Fisher's
 */
export function hessian(options: { decay?: number } = {}): Score {
  const decay = checkNumber('decay', options.decay ?? 0.99, { from: 0, below: 1 });
  return {
    name: 'hessian',
    of: (weights, evidence) => {
      const diagonal = need('hessian', 'memory', evidence);
      return weights.map((w, i) => (diagonal[i]! * w * w) / 2);
    },
    remember: (memory, _, gradient) =>
      tf.add(tf.mul(memory, decay), tf.mul(tf.square(gradient), 1 - decay))
  };
}
