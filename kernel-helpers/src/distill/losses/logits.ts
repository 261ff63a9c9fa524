import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../../errors.ts';
import { normalized, reduce, sameClasses, type Reduction } from './reduction.ts';

/** Options of the loss on soft targets. */
export interface SoftTargetsOptions {
  /** Temperature T, above 0. @default 4 */
  temperature?: number;
  /**
   * Whether the loss is multiplied by T², which keeps the gradient's size when T changes: with it the gradient by a logit is
   * T·(q − p) / examples, without it (q − p) / (T·examples). @default true
   */
  squared?: boolean;
  /** What of p to q: the divergence, or the cross-entropy, which is larger by the entropy of p and has the same gradient. @default 'divergence' */
  measure?: 'divergence' | 'crossEntropy';
  /** Over the examples of a batch. @default 'batch' */
  reduction?: Reduction;
}

/**
 * Hinton's loss on soft targets: T²·KL(softmax(teacher / T) ‖ softmax(student / T)).
 * torchdistill's KDLoss leaves T² out when its alpha is 0: `squared: false`.
 * @param teacher Logits of shape [examples, classes].
 * @param student Logits of the same shape.
 * @param options See `SoftTargetsOptions`.
 * @returns A scalar in nats.
 * @throws HelperError `input/value` for a temperature of 0 or less, `input/shape` for other classes.
 * @see Hinton et al. 2015, arXiv:1503.02531, section 2
 */
export function softTargets(
  teacher: tf.Tensor,
  student: tf.Tensor,
  options: SoftTargetsOptions = {}
): tf.Scalar {
  const { squared = true, measure = 'divergence', reduction = 'batch' } = options;
  const temperature = checkTemperature(options.temperature ?? 4);
  sameClasses(teacher, student);
  return tf.tidy(() => {
    const wanted = tf.logSoftmax(tf.div(teacher, temperature));
    const found = tf.logSoftmax(tf.div(student, temperature));
    const distance = measure === 'divergence' ? tf.sub(wanted, found) : tf.neg(found);
    const loss = reduce(tf.mul(tf.exp(wanted), distance), reduction);
    return tf.mul(loss, squared ? temperature ** 2 : 1);
  });
}

/** Options of decoupled distillation. */
export interface DecoupledOptions {
  /** Weight of what the target's class knows. @default 1 */
  alpha?: number;
  /** Weight of what the other classes know. @default 8 */
  beta?: number;
  /** Temperature T, above 0; both parts are multiplied by T². @default 4 */
  temperature?: number;
}

/**
 * Decoupled distillation: the divergence of target against the rest, and that among the rest, weighed apart.
 * @param teacher Logits of shape [examples, classes].
 * @param student Logits of the same shape.
 * @param targets Class numbers of shape [examples], or one-hot rows.
 * @param options See `DecoupledOptions`.
 * @returns A scalar in nats, the mean over the examples.
 * @throws HelperError `input/value` for a temperature of 0 or less, `input/shape` for other classes.
 * @see Zhao et al. 2022, arXiv:2203.08679, equation 7
 */
export function decoupled(
  teacher: tf.Tensor,
  student: tf.Tensor,
  targets: tf.Tensor,
  options: DecoupledOptions = {}
): tf.Scalar {
  const { alpha = 1, beta = 8 } = options;
  const temperature = checkTemperature(options.temperature ?? 4);
  sameClasses(teacher, student);
  if (targets.shape[0] !== student.shape[0]) {
    throw new HelperError(
      'input/shape',
      `expected a target for each of ${student.shape[0]} examples, got shape [${String(targets.shape)}]`
    );
  }
  return tf.tidy(() => {
    const isTarget = oneHot(targets, student);
    const [wanted, found] = [teacher, student].map(logits => tf.div(logits, temperature)) as [
      tf.Tensor,
      tf.Tensor
    ];
    const binary = reduce(
      divergence(targetAndRest(wanted, isTarget), targetAndRest(found, isTarget)),
      'batch'
    );
    // So far below that the target has no share in the softmax of the others.
    const others = (logits: tf.Tensor): tf.Tensor =>
      tf.logSoftmax(tf.sub(logits, tf.mul(isTarget, 1000)));
    const rest = reduce(divergence(others(wanted), others(found)), 'batch');
    return tf.mul(tf.add(tf.mul(binary, alpha), tf.mul(rest, beta)), temperature ** 2);
  });
}

/** Options of DIST. */
export interface StrongerOptions {
  /** Weight of the relation between the classes of an example. @default 1 */
  beta?: number;
  /** Weight of the relation between the examples of a class. @default 1 */
  gamma?: number;
  /** Temperature, above 0; the loss is multiplied by its square. @default 1 */
  temperature?: number;
}

/**
 * DIST: 1 − Pearson's correlation of teacher and student, over classes and over examples. A teacher much stronger than the student need only
 * be followed in its order.
 * @param teacher Logits of shape [examples, classes].
 * @param student Logits of the same shape.
 * @param options See `StrongerOptions`.
 * @returns A scalar from 0 to 2·(beta + gamma)·temperature².
 * @throws HelperError `input/value` for a temperature of 0 or less, `input/shape` for other classes.
 * @see Huang et al. 2022, arXiv:2205.10536, equations 8 to 10
 */
export function dist(
  teacher: tf.Tensor,
  student: tf.Tensor,
  options: StrongerOptions = {}
): tf.Scalar {
  const { beta = 1, gamma = 1 } = options;
  const temperature = checkTemperature(options.temperature ?? 1);
  sameClasses(teacher, student);
  return tf.tidy(() => {
    const [p, q] = [teacher, student].map(logits => tf.softmax(tf.div(logits, temperature))) as [
      tf.Tensor,
      tf.Tensor
    ];
    const unlike = (axis: number): tf.Tensor => tf.sub(1, tf.mean(correlation(p, q, axis)));
    const loss = tf.add(tf.mul(unlike(1), beta), tf.mul(unlike(0), gamma));
    return tf.mul(loss, temperature ** 2);
  });
}

function checkTemperature(temperature: number): number {
  return checkNumber('the temperature', temperature, { above: 0 });
}

function oneHot(targets: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  if (targets.rank === logits.rank) return tf.cast(targets, 'float32');
  return tf.cast(tf.oneHot(tf.cast(targets, 'int32'), logits.shape.at(-1)!), 'float32');
}

/** Logarithms of the target's share and of all others' together: [examples, 2]. */
function targetAndRest(logits: tf.Tensor, isTarget: tf.Tensor): tf.Tensor {
  const logs = tf.logSoftmax(logits);
  const target = tf.sum(tf.mul(logs, isTarget), -1, true);
  // The others' logits alone: 1 − share would lose all digits where the share is near 1.
  const others = tf.sub(logits, tf.mul(isTarget, 1000));
  const rest = tf.sub(tf.logSumExp(others, -1, true), tf.logSumExp(logits, -1, true));
  return tf.concat([target, rest], -1);
}

/** KL of two distributions given by their logarithms, element by element. */
function divergence(wanted: tf.Tensor, found: tf.Tensor): tf.Tensor {
  return tf.mul(tf.exp(wanted), tf.sub(wanted, found));
}

function correlation(a: tf.Tensor, b: tf.Tensor, axis: number): tf.Tensor {
  const centred = (x: tf.Tensor): tf.Tensor => normalized(tf.sub(x, tf.mean(x, axis, true)), axis);
  return tf.sum(tf.mul(centred(a), centred(b)), axis);
}
