import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../errors.ts';
import type { Tree } from '../tree.ts';
import { ofShapes, type Network } from './network.ts';

/**
 * Computes predictions in batches, so that memory does not grow with the number of inputs.
 * @param network A network.
 * @param params Its parameters.
 * @param inputs Of shape [examples, …].
 * @param batchSize Examples at a time. @default 256
 * @returns Predictions of shape [examples, …].
 * @throws HelperError `input/shape` for inputs that the network cannot take, `input/value` for a batch size below 1.
 */
export function predict<P extends Tree>(
  network: Network<P>,
  params: P,
  inputs: tf.Tensor,
  batchSize = 256
): tf.Tensor {
  checkNumber('batchSize', batchSize, { from: 1, integer: true });
  const part = (from: number): tf.Tensor => {
    const length = Math.min(batchSize, inputs.shape[0] - from);
    return tf.tidy(() => network.apply(params, tf.slice(inputs, from, length)));
  };
  try {
    return tf.tidy(() => {
      const parts: tf.Tensor[] = [];
      for (let from = 0; from < inputs.shape[0]; from += batchSize) parts.push(part(from));
      return tf.concat(parts, 0);
    });
  } catch (cause) {
    throw ofShapes(cause, inputs);
  }
}
