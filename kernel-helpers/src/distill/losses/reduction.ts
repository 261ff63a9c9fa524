import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';

/**
 * How the differences of a batch become one number. `batch`: their sum over the number of examples (torch's `batchmean`); `mean`: over the
 * number of all elements; `sum`.
 */
export type Reduction = 'batch' | 'mean' | 'sum';

/**
 * Makes one number of a batch's differences.
 * @param differences Of shape [examples, …].
 * @param reduction How.
 * @returns A scalar.
 */
export function reduce(differences: tf.Tensor, reduction: Reduction): tf.Scalar {
  if (reduction === 'mean') return tf.mean(differences);
  const sum = tf.sum<tf.Scalar>(differences);
  return reduction === 'sum' ? sum : tf.div(sum, differences.shape[0]);
}

/**
 * Checks that teacher and student agree in all axes.
 * @param what What they are, for the message.
 * @param teacher The teacher's tensor.
 * @param student The student's.
 * @throws HelperError `input/shape` when they do not.
 */
export function sameShape(what: string, teacher: tf.Tensor, student: tf.Tensor): void {
  if (String(teacher.shape) === String(student.shape)) return;
  throw new HelperError(
    'input/shape',
    `expected ${what} of teacher and student of one shape, got [${String(teacher.shape)}] and [${String(student.shape)}]`
  );
}

/**
 * Checks that teacher and student tell the same number of classes apart.
 * @param teacher The teacher's logits, [examples, classes].
 * @param student The student's.
 * @throws HelperError `input/shape` naming both numbers.
 */
export function sameClasses(teacher: tf.Tensor, student: tf.Tensor): void {
  const [ofTeacher, ofStudent] = [teacher.shape.at(-1), student.shape.at(-1)];
  if (ofTeacher !== ofStudent) {
    throw new HelperError(
      'input/shape',
      `expected a teacher of the student's ${ofStudent} classes, got one of ${ofTeacher}; keep the classes that both have, or compare features`
    );
  }
  sameShape('the logits', teacher, student);
  if (student.rank >= 2) return;
  throw new HelperError(
    'input/shape',
    `expected logits of shape [examples, classes], got [${String(student.shape)}]; use tf.expandDims for a single example`
  );
}

/**
 * Rows of length 1.
 * @param x Any tensor.
 * @param axis Along which the length is taken.
 * @returns `x` over its L2 norm along the axis; 0 stays 0, and so does its gradient.
 */
export function normalized(x: tf.Tensor, axis: number): tf.Tensor {
  const square = tf.sum(tf.square(x), axis, true);
  return tf.div(x, tf.sqrt(tf.maximum(square, 1e-24)));
}

/**
 * Each example as one row.
 * @param x Of shape [examples, …].
 * @returns Of shape [examples, elements].
 */
export function rows(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [x.shape[0], -1]);
}
