import * as tf from '@tensorflow/tfjs';

/**
 * `a + b` without what TensorFlow.js checks before it: half of the time of a small sum. A step of many small tensors is made of these.
 * @param a Any tensor.
 * @param b Of the same shape, or a scalar.
 * @returns The sum, of the shape of `a`.
 */
export function add(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return bothFloats(a, b) ? tf.engine().runKernel(tf.Add, { a, b }) : tf.add(a, b);
}

/**
 * `a·b`, as quickly.
 * @param a Any tensor.
 * @param b Of the same shape, or a scalar.
 * @returns The product, of the shape of `a`.
 */
export function mul(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return bothFloats(a, b) ? tf.engine().runKernel(tf.Multiply, { a, b }) : tf.mul(a, b);
}

/**
 * `tf.scalar(value)` without its checks.
 * @param value Any number.
 * @returns A float32 scalar.
 */
export function scalar(value: number): tf.Tensor {
  return tf.engine().makeTensor(Float32Array.of(value), [], 'float32');
}

function bothFloats(a: tf.Tensor, b: tf.Tensor): boolean {
  return a.dtype === 'float32' && b.dtype === 'float32';
}
