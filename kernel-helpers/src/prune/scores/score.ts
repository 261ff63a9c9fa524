import type { Tensor } from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';

/** Numbers of a tensor, in the order of its elements. */
export type Values = Float32Array | Float64Array;

/** What a score may look at besides the weights themselves. */
export interface Evidence {
  /** Path of the weights in their tree, such as `layers.0.weight`. */
  readonly path: string;
  /** Number of the weights among all leaves, from 0. */
  readonly index: number;
  /** Gradient of the loss by each weight. */
  readonly gradient?: Values;
  /** What `remember` gathered over the steps before, or a caller computed: one number for each weight. */
  readonly memory?: Values;
}

/** How much each weight matters; the lowest are pruned first. */
export interface Score {
  /** Name of the score. */
  readonly name: string;
  /**
   * Scores the weights of one tensor, in plain JavaScript: the result is the same on every backend.
   * @param weights The weights; not to be changed.
   * @param evidence What else is known about them.
   * @returns One finite number for each weight.
   */
  of(weights: Values, evidence: Evidence): Values;
  /** Set where only the factors of normalisations have a score. */
  readonly looksAt?: 'scales';
  /** Gathers evidence at each training step, from tensors; present in scores that look back. */
  readonly remember?: (memory: Tensor, weights: Tensor, gradient: Tensor) => Tensor;
}

/**
 * Passes evidence that a score cannot do without.
 * @param score Name of the score.
 * @param what Which evidence.
 * @param evidence All evidence.
 * @returns The numbers.
 * @throws HelperError `input/value` when they are not there.
 */
export function need(score: string, what: 'gradient' | 'memory', evidence: Evidence): Values {
  const values = evidence[what];
  if (values) return values;
  const tree = what === 'gradient' ? 'gradients' : 'memory';
  throw new HelperError(
    'input/value',
    `expected ${tree} for the score ${score} of ${evidence.path}, got none; pass { ${tree} }, a tree like the parameters`
  );
}
