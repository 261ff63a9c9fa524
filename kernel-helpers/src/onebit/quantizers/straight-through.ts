import * as tf from '@tensorflow/tfjs';

/**
 * A function whose gradient is replaced: what it computes is a step, whose own gradient is 0 almost everywhere.
 * @param x Where to compute it.
 * @param forward The function.
 * @param backward Makes the gradient by `x` of the gradient by the result, both of the shape of `x`.
 * @returns `forward(x)`, of the shape of `x`.
 * @see Bengio et al. 2013, arXiv:1308.3432
 */
export function straightThrough<T extends tf.Tensor>(
  x: T,
  forward: (x: T) => tf.Tensor,
  backward: (dy: tf.Tensor, x: T) => tf.Tensor
): T {
  const withGradient = tf.customGrad((...args) => {
    const [at, save] = args as unknown as [T, tf.GradSaveFunc];
    save([at]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => backward(dy, saved[0] as T);
    return { value: forward(at), gradFunc };
  });
  return withGradient(x) as T;
}

/**
 * Passes a gradient where `x` is within bounds.
 * @param dy The gradient.
 * @param x Of the gradient's shape.
 * @param clip The bound: |x| ≤ clip passes; null passes all.
 * @returns The gradient, 0 outside.
 */
export function passWithin(dy: tf.Tensor, x: tf.Tensor, clip: number | null): tf.Tensor {
  return clip === null ? dy : tf.mul(dy, tf.cast(tf.lessEqual(tf.abs(x), clip), 'float32'));
}

/**
 * The sign that is never 0: −1 below 0, else 1 (also for −0).
 * @param x Any tensor.
 * @returns Float32 of the same shape.
 */
export function binarySign(x: tf.Tensor): tf.Tensor {
  return tf.sub(tf.mul(tf.cast(tf.greaterEqual(x, 0), 'float32'), 2), 1);
}
