import * as tf from '@tensorflow/tfjs';
import { defineTransform, leafwise, zerosLike, type Transform } from '../../optim/transform.ts';
import type { Tree } from '../../tree.ts';
import { compressTree, signCompressor, type Compressor } from './compressor.ts';

/**
 * Compresses updates and adds to the next what was lost: `p = u + e; sent = C(p); e ← p − sent`. So the sum of all that was sent is the sum
 * of all updates less the last error, and what sign descent loses comes back. With a learning rate that changes it stands behind the rate,
 * as in the paper, so that the error is one of parameters.
 * @param compressor What is sent of a tensor. @default signCompressor(): signs times the mean magnitude
 * @returns A transform whose state holds one tensor per parameter.
 * @example chain(scaleByLearningRate(0.01), onebit.errorFeedback()) // EF-signSGD
 * @see Karimireddy et al. 2019, arXiv:1901.09847, algorithm 2
 */
export function errorFeedback(compressor: Compressor = signCompressor()): Transform {
  return defineTransform<{ error: Tree }>(`errorFeedback(${compressor.name})`, {
    init: params => ({ error: zerosLike(params) }),
    update(gradients, state) {
      const { sent, error } = sendWithFeedback(compressor, gradients, state.error);
      return { updates: sent, state: { error } };
    }
  });
}

/**
 * Sends a tree together with what earlier sendings lost of it.
 * @param compressor What arrives of a tensor.
 * @param tree What to send.
 * @param error What was lost so far, of the same structure.
 * @returns What arrives, and what is lost now.
 */
export function sendWithFeedback(
  compressor: Compressor,
  tree: Tree,
  error: Tree
): { sent: Tree; error: Tree } {
  const wanted = leafwise((x, e) => tf.add(x, e), tree, error);
  const sent = compressTree(compressor, wanted);
  return { sent, error: leafwise((w, s) => tf.sub(w, s), wanted, sent) };
}
