import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../../errors.ts';
import type { Tree } from '../../tree.ts';
import { dot } from '../arithmetic.ts';
import { applyUpdates, defineTransform, leafwise, type Transform } from '../transform.ts';

/** How a backtracking line search goes. */
export interface BacktrackOptions {
  /** Most times that the step is shortened. @default 30 */
  maxTries?: number;
  /** Share of the decrease that the slope promises and a step must bring. @default 1e-4 */
  slope?: number;
  /** Factor by which a step is shortened. @default 0.8 */
  shorten?: number;
  /** Factor by which the next step's first length exceeds the last one. @default 1.5 */
  lengthen?: number;
  /** Longest step, in multiples of the update. @default 1 */
  longest?: number;
}

/**
 * Shortens updates until the loss falls enough: `J(θ + ηu) ≤ J(θ) + slope·η·⟨u, ∇J⟩`. Stands after a direction of descent.
 * @param options See `BacktrackOptions`.
 * @returns A transform that remembers the step's length. Its update throws HelperError `optim/no-objective` where only gradients
 *   are passed; a search that finds no decrease makes the shortest step it tried.
 * @see Armijo 1966, "Minimization of functions having Lipschitz continuous first partial derivatives"
 */
export function backtrack(options: BacktrackOptions = {}): Transform {
  const { maxTries = 30, lengthen = 1.5, longest = 1 } = options;
  const slope = checkNumber('slope', options.slope ?? 1e-4, { from: 0, below: 1 });
  checkNumber('lengthen', lengthen, { from: 1 });
  checkNumber('longest', longest, { above: 0 });
  const shorten = checkNumber('shorten', options.shorten ?? 0.8, { above: 0, below: 1 });
  checkNumber('maxTries', maxTries, { from: 1, integer: true });
  return defineTransform<{ length: number }>('backtrack', {
    init: () => ({ length: longest }),
    update(updates, state, params, { loss, gradient, lossAt }) {
      if (loss === undefined || !gradient || !lossAt) {
        throw new HelperError(
          'optim/no-objective',
          'expected a context with loss, gradient and lossAt, got gradients alone; use gradientDescent, fit or takeStep'
        );
      }
      const promised = slope * dot(updates, gradient);
      const at = (length: number): Tree => leafwise(u => tf.mul(u, length), updates);
      let length = Math.min(longest, state.length * lengthen);
      for (let tried = 0; tried < maxTries; tried++) {
        const reached = tf.tidy(() => lossAt(applyUpdates(params, at(length))));
        if (reached <= loss + length * promised) break;
        length *= shorten;
      }
      return { updates: at(length), state: { length } };
    }
  });
}
