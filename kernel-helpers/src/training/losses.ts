import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../errors.ts';

/**
 * Mean squared error over all elements.
 * @param targets Of the predictions' shape.
 * @param predictions Any shape.
 * @returns A scalar, in the square of the targets' unit.
 * @throws HelperError `input/shape` when the shapes differ: broadcasting would compare each with all.
 */
export function meanSquaredError(targets: tf.Tensor, predictions: tf.Tensor): tf.Scalar {
  sameShape(targets, predictions);
  return tf.mean(tf.square(tf.sub(predictions, targets)));
}

/**
 * Mean cross-entropy between classes and logits.
 * @param targets Class numbers from 0, int32 or float32 of shape [examples]; or probabilities of the logits' shape.
 * @param logits Of shape [examples, classes], before any softmax.
 * @returns A scalar in nats: ln(classes) for a guess; NaN when a class number is below 0 or not below the number of logits.
 * @throws HelperError `input/shape` when the shapes do not fit.
 */
export function crossEntropy(targets: tf.Tensor, logits: tf.Tensor): tf.Scalar {
  const classes = logits.shape.at(-1) ?? 0;
  return tf.tidy(() => {
    const isNumbers = targets.rank === logits.rank - 1;
    const wanted = isNumbers ? tf.oneHot(tf.cast(targets, 'int32'), classes) : targets;
    sameShape(wanted, logits);
    const perExample = tf.neg(
      tf.sum(tf.mul(tf.cast(wanted, 'float32'), tf.logSoftmax(logits)), -1)
    );
    return tf.mean<tf.Scalar>(isNumbers ? ofClasses(perExample, targets, classes) : perExample);
  });
}

/**
 * The share of predictions whose largest logit is the target's class.
 * @param targets Class numbers of shape [examples], or one-hot rows.
 * @param logits Of shape [examples, classes].
 * @returns From 0 to 1.
 * @throws HelperError `input/shape` when there are not as many targets as rows of logits.
 */
export function accuracy(targets: tf.Tensor, logits: tf.Tensor): number {
  if (targets.shape[0] !== logits.shape[0]) sameShape(targets, logits);
  return tf.tidy(() => {
    const wanted =
      targets.rank === logits.rank ? tf.argMax(targets, -1) : tf.cast(targets, 'int32');
    return (
      tf.mean(tf.cast(tf.equal(tf.argMax(logits, -1), wanted), 'float32')).dataSync()[0] ?? NaN
    );
  });
}

/** NaN where a target is no class: one-hot rows would be all 0 there, and count as learnt. */
function ofClasses(perExample: tf.Tensor, targets: tf.Tensor, classes: number): tf.Tensor {
  const isClass = tf.logicalAnd(tf.greaterEqual(targets, 0), tf.less(targets, classes));
  return tf.where(isClass, perExample, tf.fill(perExample.shape, NaN));
}

function sameShape(targets: tf.Tensor, predictions: tf.Tensor): void {
  if (String(targets.shape) === String(predictions.shape)) return;
  throw new HelperError(
    'input/shape',
    `expected targets and predictions of one shape, got [${String(targets.shape)}] and [${String(predictions.shape)}]`
  );
}
