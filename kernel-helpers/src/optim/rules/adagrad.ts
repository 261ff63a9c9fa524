import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import type { Tree } from '../../tree.ts';
import { averages, divideByRoot, spend } from '../arithmetic.ts';
import { chain } from '../chain.ts';
import { add, mul } from '../elementwise.ts';
import { scaleByLearningRate, type LearningRate } from '../scale.ts';
import { defineTransform, leafwise, zerosLike, type Transform } from '../transform.ts';

/** Options of Adagrad. */
export interface AdagradOptions {
  /** Where the sum of squares starts, at least 0. @default 0.1 */
  initial?: number;
  /** Added under the root. @default 1e-7 */
  epsilonRoot?: number;
  /** Added to the root. @default 0 */
  epsilon?: number;
}

/**
 * Divides by the root of the sum of all squared gradients: `g / (√(Σg² + epsilonRoot) + epsilon)`.
 * The defaults are those of optax, Keras and TensorFlow.js; torch's are `{ initial: 0, epsilonRoot: 0, epsilon: 1e-10 }`.
 * @param options Start and epsilons.
 * @returns A transform whose state holds one sum per parameter.
 * @see Duchi et al. 2011, "Adaptive subgradient methods for online learning and stochastic optimization"
 */
export function scaleByAdagrad(options: AdagradOptions = {}): Transform {
  const { initial = 0.1, epsilonRoot = 1e-7, epsilon = 0 } = options;
  for (const [name, value] of Object.entries({ initial, epsilonRoot, epsilon })) {
    checkNumber(name, value, { from: 0 });
  }
  return defineTransform<{ sum: Tree }>('scaleByAdagrad', {
    init: params => ({ sum: leafwise(leaf => tf.fill(leaf.shape, initial), params) }),
    update(gradients, { sum: old }) {
      const sum = leafwise(
        (g, s) => {
          const square = tf.square(g);
          return spend(add(s, square), square);
        },
        gradients,
        old
      );
      return {
        updates: leafwise((g, s) => divideByRoot(g, s, epsilonRoot, epsilon), gradients, sum),
        state: { sum }
      };
    }
  });
}

/**
 * Adagrad: a rate per parameter that only falls.
 * @param learningRate Above 0, or a schedule.
 * @param options See `scaleByAdagrad`.
 * @returns A transform.
 */
export function adagrad(learningRate: LearningRate, options?: AdagradOptions): Transform {
  return chain(scaleByAdagrad(options), scaleByLearningRate(learningRate));
}

/** Options of Adadelta. */
export interface AdadeltaOptions {
  /** Share of the old averages that is kept, from 0 up to 1. @default 0.9 */
  decay?: number;
  /** Added under both roots. @default 1e-6 */
  epsilonRoot?: number;
}

/**
 * Scales by the ratio of two running averages: `√(E[Δ²] + ε) / √(E[g²] + ε) · g`, so that updates have the unit of parameters.
 * @param options Decay and epsilon.
 * @returns A transform whose state holds two averages per parameter.
 * @see Zeiler 2012, arXiv:1212.5701, algorithm 1
 */
export function scaleByAdadelta(options: AdadeltaOptions = {}): Transform {
  const epsilonRoot = checkNumber('epsilonRoot', options.epsilonRoot ?? 1e-6, { from: 0 });
  const decay = checkNumber('decay', options.decay ?? 0.9, { from: 0, below: 1 });
  return defineTransform<{ squares: Tree; deltas: Tree }>('scaleByAdadelta', {
    init: params => ({ squares: zerosLike(params), deltas: zerosLike(params) }),
    update(gradients, state) {
      const squares = averages(state.squares, gradients, decay, 'square');
      const updates = leafwise(
        (g, s, d) => {
          const [wanted, found] = [tf.add(d, epsilonRoot), tf.add(s, epsilonRoot)];
          const ratio = spend(tf.div(wanted, found), wanted, found);
          const root = spend(tf.sqrt(ratio), ratio);
          return spend(tf.mul(root, g), root);
        },
        gradients,
        squares,
        state.deltas
      );
      const share = tf.scalar(1 - decay);
      // decay·d + (1 − decay)·u², in an order that holds one tensor less.
      const deltas = leafwise(
        (u, d) => {
          const square = tf.square(u);
          const change = spend(tf.sub(square, d), square);
          const part = spend(mul(change, share), change);
          return spend(add(d, part), part);
        },
        updates,
        state.deltas
      );
      return { updates, state: { squares, deltas } };
    }
  });
}

/**
 * Adadelta.
 * @param learningRate Factor of the update, above 0; the paper has 1.
 * @param options See `scaleByAdadelta`.
 * @returns A transform.
 */
export function adadelta(learningRate: LearningRate = 1, options?: AdadeltaOptions): Transform {
  return chain(scaleByAdadelta(options), scaleByLearningRate(learningRate));
}
