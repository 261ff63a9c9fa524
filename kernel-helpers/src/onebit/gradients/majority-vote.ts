import * as tf from '@tensorflow/tfjs';
import { scaleByLearningRate, type LearningRate } from '../../optim/scale.ts';
import { leafwise } from '../../optim/transform.ts';
import { tidy } from '../../tidy.ts';
import type { State, Tree } from '../../tree.ts';
import { binarySign } from '../quantizers/straight-through.ts';
import { signCompressor, treeBytes } from './compressor.ts';
import { defineWorkers, type WorkersTransform } from './workers.ts';

/**
 * What most workers say about the sign of each number; a tie counts as 1, as the sign of 0 does (in the paper it is a coin's).
 * @param trees One tree per worker, all of one structure; the sign of 0 is 1.
 * @returns A tree of −1 and 1.
 * @see Bernstein et al. 2018, arXiv:1802.04434, section 3.2
 */
export function voteOf(trees: readonly Tree[]): Tree {
  const [first, ...others] = trees as [Tree, ...Tree[]];
  return tidy(() => leafwise((...at) => binarySign(tf.addN(at.map(binarySign))), first, ...others));
}

/**
 * signSGD with majority vote: each worker sends one bit a number and receives one.
 * @param learningRate At least 0, or a schedule.
 * @returns The optimiser.
 * @see Bernstein et al. 2018, arXiv:1802.04434; 2019, arXiv:1810.05291, for its tolerance of faulty workers
 */
export function majorityVote(learningRate: LearningRate): WorkersTransform {
  const rate = scaleByLearningRate(learningRate);
  return defineWorkers<{ rate: State }>('majorityVote', {
    init: params => ({ rate: rate.init(params) }),
    update(gradients, state, params) {
      const { updates, state: next } = rate.update(voteOf(gradients), state.rate, params);
      const bytes = treeBytes(params, signCompressor({ scale: 'none' }).bytes);
      return { updates, state: { rate: next }, bytes };
    }
  });
}
