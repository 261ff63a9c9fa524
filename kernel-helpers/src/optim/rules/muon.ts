import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import type { Tree } from '../../tree.ts';
import { averages } from '../arithmetic.ts';
import { chain } from '../chain.ts';
import { addDecayedWeights } from '../gradients/decay.ts';
import { partition } from '../masks.ts';
import { scaleByLearningRate, type LearningRate } from '../scale.ts';
import { defineTransform, leafwise, stateless, zerosLike, type Transform } from '../transform.ts';
import { adam, type DecayOptions } from './adam.ts';

/** Coefficients of the quintic iteration, chosen by its author for a steep slope at 0. */
const quintic = [3.4445, -4.775, 2.0315] as const;

/**
 * Brings the singular values of a matrix near 1 by Newton-Schulz iteration: `X ← aX + (bA + cA²)X` with `A = XXᵀ`.
 * @param matrix Of shape [rows, columns].
 * @param steps How many iterations. @default 5
 * @param epsilon Added to the Frobenius norm that the matrix is divided by first. @default 1e-8
 * @returns A matrix of the same shape, whose singular values lie near 0.7 to 1.2.
 * @see Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"
 */
export function orthogonalize(matrix: tf.Tensor2D, steps = 5, epsilon = 1e-8): tf.Tensor2D {
  const tall = matrix.shape[0] > matrix.shape[1];
  const [a, b, c] = quintic;
  return tf.tidy(() => {
    const wide = tall ? tf.transpose(matrix) : matrix;
    let x = tf.div(wide, tf.add(tf.norm(wide), epsilon));
    for (let step = 0; step < steps; step++) {
      const gram = tf.matMul(x, x, false, true);
      const polynomial = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c));
      x = tf.add(tf.mul(x, a), tf.matMul(polynomial as tf.Tensor2D, x));
    }
    return tall ? tf.transpose(x) : x;
  }) as tf.Tensor2D;
}

/** Options of Muon. */
export interface MuonOptions extends DecayOptions {
  /** Share of the old average of gradients that is kept. @default 0.95 */
  beta?: number;
  /** Looks one step ahead. @default true */
  nesterov?: boolean;
  /** Iterations of Newton-Schulz. @default 5 */
  steps?: number;
  /** What moves the parameters that are no matrices. @default adam(learningRate) */
  others?: Transform;
}

/**
 * Muon: the running average of a matrix's gradients, orthogonalised; other parameters are left to Adam.
 * An update is scaled by `√max(1, columns / rows)`. The averages are corrected for starting at 0, as in optax.
 * @param learningRate Above 0, or a schedule.
 * @param options See `MuonOptions`. @default weightDecay 0
 * @returns A transform.
 * @see Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"
 */
export function muon(learningRate: LearningRate, options: MuonOptions = {}): Transform {
  const { nesterov = true, weightDecay = 0, mask } = options;
  const steps = checkNumber('steps', options.steps ?? 5, { from: 1, integer: true });
  const beta = checkNumber('beta', options.beta ?? 0.95, { from: 0, below: 1 });
  const direction = defineTransform<{ count: number; mean: Tree }>('scaleByMuon', {
    init: params => ({ count: 0, mean: zerosLike(params) }),
    update(gradients, old) {
      const count = old.count + 1;
      const mean = averages(old.mean, gradients, beta);
      const ofMean = nesterov ? beta / (1 - beta ** (count + 1)) : 1 / (1 - beta ** count);
      const ofGradient = nesterov ? (1 - beta) / (1 - beta ** count) : 0;
      const updates = leafwise(
        (m, g) =>
          orthogonalize(tf.add<tf.Tensor2D>(tf.mul(m, ofMean), tf.mul(g, ofGradient)), steps),
        mean,
        gradients
      );
      return { updates, state: { count, mean } };
    }
  });
  const shaped = stateless('scaleByShape', updates =>
    leafwise(u => tf.mul(u, Math.sqrt(Math.max(1, u.shape[1]! / u.shape[0]))), updates)
  );
  const decay = addDecayedWeights(weightDecay, mask);
  const matrices = chain(direction, shaped, decay, scaleByLearningRate(learningRate));
  const others = options.others ?? adam(learningRate);
  return partition({ matrices, others }, (_, leaf) => (leaf.rank === 2 ? 'matrices' : 'others'));
}
