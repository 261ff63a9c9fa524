import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../errors.ts';
import { isTensor, leaves, mapTree, type Tree } from '../tree.ts';
import type { Estimator } from './estimator.ts';

/**
 * The exact gradient, by TensorFlow.js's reverse-mode differentiation: one forward and one backward pass.
 * A parameter that the loss does not depend on gets zeros.
 * @returns An estimator. It throws HelperError `input/shape` when the loss is no scalar and `estimator/no-gradient` when
 *   the loss depends on no parameter or an operation in it has no gradient.
 */
export function autodiff(): Estimator {
  return (loss, params) => {
    const list = leaves(params);
    let failure: { error: unknown } | undefined;
    // An error within the recording would leave what TensorFlow.js saved for the way back: it is kept until that is freed.
    const recorded = (): tf.Scalar => {
      try {
        return loss(params);
      } catch (error) {
        failure = { error };
        return tf.scalar(NaN);
      }
    };
    try {
      // Unlike tf.valueAndGrads, the engine's own function lets a parameter have no part in the loss.
      const { value, grads } = tf.engine().gradients(recorded, list, undefined, true);
      if (failure) throw failure.error;
      const scalar = asScalar(value);
      const found = grads as (tf.Tensor | undefined)[];
      if (list.length > 0 && found.every(gradient => gradient === undefined)) {
        throw new Error('it does not depend on any of them');
      }
      const gradient = list.map((leaf, index) => found[index] ?? tf.zerosLike(leaf));
      return { loss: scalar, gradient: withLeaves(params, gradient) };
    } catch (cause) {
      throw noGradient(cause);
    }
  };
}

/**
 * Passes a loss that is a scalar tensor.
 * @param value What a loss function returned.
 * @returns The same tensor.
 * @throws HelperError `input/shape` for any other shape.
 */
export function asScalar(value: tf.Tensor): tf.Scalar {
  if (isTensor(value) && value.shape.length === 0) return value as tf.Scalar;
  const got = isTensor(value) ? `a tensor of shape [${String(value.shape)}]` : String(value);
  throw new HelperError(
    'input/shape',
    `expected the loss to be a scalar tensor, got ${got}; reduce it with tf.mean or tf.sum`
  );
}

function noGradient(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof HelperError) return cause;
  if (!/gradient|depend/i.test(cause.message)) return cause;
  return new HelperError(
    'estimator/no-gradient',
    `the loss has no gradient by these parameters: ${cause.message}; compute it from them with TensorFlow.js operations`,
    { cause }
  );
}

function withLeaves<P extends Tree>(params: P, list: tf.Tensor[]): P {
  return mapTree(params, (_, __, index) => list[index] as tf.Tensor);
}
