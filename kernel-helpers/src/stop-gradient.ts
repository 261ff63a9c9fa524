import * as tf from '@tensorflow/tfjs';

/**
 * A tensor as a constant: no gradient flows through it.
 * @param x Any tensor.
 * @returns A tensor of the same values.
 */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  const withoutGradient = tf.customGrad(at => ({
    value: tf.clone(at as tf.Tensor),
    gradFunc: dy => tf.zerosLike(dy)
  }));
  return withoutGradient(x) as T;
}
