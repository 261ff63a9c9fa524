import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { type State, type Tree } from '../../tree.ts';
import { averages } from '../arithmetic.ts';
import {
  checkTransform,
  defineTransform,
  leafwise,
  zerosLike,
  type Transform
} from '../transform.ts';

/**
 * Adds up the gradients of several batches, and lets the optimiser take one step along their mean: a larger batch in the memory
 * of a small one. The updates between are 0.
 * @param inner The optimiser.
 * @param every How many gradients make a step, at least 1.
 * @returns A transform.
 */
export function accumulate(inner: Transform, every: number): Transform {
  checkTransform('the inner optimiser', inner);
  checkNumber('every', every, { from: 1, integer: true });
  return defineTransform<{ count: number; mean: Tree; inner: State }>(`accumulate(${inner.name})`, {
    init: params => ({ count: 0, mean: zerosLike(params), inner: inner.init(params) }),
    update(gradients, old, params, context) {
      const count = old.count + 1;
      const mean = averages(old.mean, gradients, old.count / count);
      if (count < every) {
        const updates = leafwise(g => tf.zerosLike(g), gradients);
        return { updates, state: { count, mean, inner: old.inner } };
      }
      const { updates, state } = inner.update(mean, old.inner, params, context);
      return { updates, state: { count: 0, mean: zerosLike(mean), inner: state } };
    }
  });
}
