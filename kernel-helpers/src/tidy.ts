import * as tf from '@tensorflow/tfjs';
import { leaves, type State } from './tree.ts';

/**
 * `tf.tidy` for results of any shape: frees all tensors made meanwhile but those in the result.
 * @param fn Computes the result; records and arrays may hold tensors, numbers, texts and null.
 * @returns What `fn` returned.
 */
export function tidy<T>(fn: () => T): T {
  let result!: T;
  tf.tidy(() => {
    result = fn();
    // A flat list: TensorFlow.js takes longer to find the tensors of a nested one than to multiply them.
    return leaves(result as State);
  });
  return result;
}
