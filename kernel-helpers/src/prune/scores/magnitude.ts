import { random, streamSeed } from '../../data/random.ts';
import type { Score } from './score.ts';

/**
 * The absolute value: |w|. Together with `slices`, whose `norm` reduces it, the L-n norm of rows, filters or channels.
 * @returns A score.
 * @see Han et al. 2015, arXiv:1506.02626; Li et al. 2017, arXiv:1608.08710, for filters
 */
export function magnitude(): Score {
  return { name: 'magnitude', of: weights => weights.map(Math.abs) };
}

/**
 * Uniform random numbers from 0 to 1, the control that other scores must beat.
 * @param seed Fixes the numbers; each tensor gets a stream of its own.
 * @returns A score.
 */
export function randomScore(seed = 0): Score {
  return {
    name: 'random',
    of: (weights, { index }) => {
      const { uniform } = random(streamSeed(seed, index));
      return weights.map(() => uniform());
    }
  };
}

/**
 * Layer-adaptive magnitude (LAMP): w² divided by the sum of the squares of all weights of the tensor that are no smaller.
 * With scope `global` it finds a sparsity for each layer. Equal weights count in the order of their index.
 * @returns A score from 0 to 1; the largest weight of each tensor has 1 and so is kept longest.
 * @see Lee et al. 2021, arXiv:2010.07611, equation 2
 */
export function lamp(): Score {
  return {
    name: 'lamp',
    of: weights => {
      const size = (index: number): number => Math.abs(weights[index]!);
      const order = Array.from(weights.keys()).sort((a, b) => size(b) - size(a) || b - a);
      const scores = new Float64Array(weights.length);
      let larger = 0;
      for (const index of order) {
        const square = weights[index]! ** 2;
        larger += square;
        scores[index] = larger === 0 ? 0 : square / larger;
      }
      return scores;
    }
  };
}
