import * as tf from '@tensorflow/tfjs';

/**
 * `tf.tidy` for results of any shape: frees all tensors made meanwhile but those in the result.
 * @param fn Computes the result; records and arrays may hold tensors, numbers, texts and null.
 * @returns What `fn` returned.
 */
export function tidy<T>(fn: () => T): T {
  const result: unknown = tf.tidy(fn as () => tf.TensorContainer);
  return result as T;
}
