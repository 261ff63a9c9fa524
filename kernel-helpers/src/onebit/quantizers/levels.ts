import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import type { SteSignOptions } from './sign.ts';
import { passWithin, straightThrough } from './straight-through.ts';

/** Options of the ternary quantizer. */
export interface TernaryOptions extends SteSignOptions {
  /** Values up to this magnitude become 0; `mean` takes 0.7 times the tensor's mean magnitude. @default 0.05 */
  threshold?: number | 'mean';
  /** What a value at the threshold itself becomes: 0, as in the paper, or its sign, as in larq. @default 'zero' */
  atThreshold?: 'zero' | 'sign';
}

/**
 * Three levels: −1, 0 within the threshold, 1; with the clipped identity's gradient.
 * @param x Any tensor.
 * @param options See `TernaryOptions`.
 * @returns −1, 0 or 1, of the shape of `x`.
 * @throws HelperError `input/value` for a negative threshold.
 * @see Li et al. 2016 (ternary weight networks), arXiv:1605.04711, equation 6
 */
export function ternary<T extends tf.Tensor>(x: T, options: TernaryOptions = {}): T {
  const { threshold = 0.05, clip = 1, atThreshold = 'zero' } = options;
  const beyond = atThreshold === 'sign' ? tf.greaterEqual : tf.greater;
  if (threshold !== 'mean') checkNumber('threshold', threshold, { from: 0 });
  if (clip !== null) checkNumber('clip', clip, { above: 0 });
  const forward = (at: T): tf.Tensor => {
    const bound = threshold === 'mean' ? tf.mul(0.7, tf.mean(tf.abs(at))) : tf.scalar(threshold);
    const [above, below] = [beyond(at, bound), beyond(tf.neg(at), bound)];
    return tf.sub(tf.cast(above, 'float32'), tf.cast(below, 'float32'));
  };
  return straightThrough(x, forward, (dy, at) => passWithin(dy, at, clip));
}

/** Options of DoReFa. */
export interface DoReFaOptions {
  /** Bits of a value, from 1 to 16. @default 2 */
  bits?: number;
}

/**
 * DoReFa for activations: 2^bits even levels from 0 to 1; the gradient passes where 0 ≤ x ≤ 1. Halves round to even.
 * @param x Any tensor; values outside 0 to 1 are clipped.
 * @param options See `DoReFaOptions`.
 * @returns Multiples of 1 / (2^bits − 1), of the shape of `x`.
 * @throws HelperError `input/value` for bits outside 1 to 16.
 * @see Zhou et al. 2016, arXiv:1606.06160, equation 5
 */
export function doReFaActivations<T extends tf.Tensor>(x: T, options: DoReFaOptions = {}): T {
  const levels = levelsOf(options);
  return straightThrough(
    x,
    at => toLevels(tf.clipByValue(at, 0, 1), levels),
    (dy, at) => passWithin(dy, tf.sub(tf.mul(at, 2), 1), 1)
  );
}

/**
 * DoReFa for weights: tanh, over its largest magnitude, in 2^bits even levels from −1 to 1. The gradient is that of tanh over
 * the largest magnitude, which counts as a constant (as in larq).
 * @param x A kernel.
 * @param options See `DoReFaOptions`.
 * @returns Levels from −1 to 1, of the shape of `x`.
 * @throws HelperError `input/value` for bits outside 1 to 16.
 * @see Zhou et al. 2016, arXiv:1606.06160, equation 9
 */
export function doReFaWeights<T extends tf.Tensor>(x: T, options: DoReFaOptions = {}): T {
  const levels = levelsOf(options);
  const largest = (limited: tf.Tensor): tf.Tensor => tf.max(tf.abs(limited));
  const forward = (at: T): tf.Tensor => {
    const limited = tf.tanh(at);
    const unit = tf.add(tf.mul(0.5, tf.divNoNan(limited, largest(limited))), 0.5);
    return tf.sub(tf.mul(2, toLevels(unit, levels)), 1);
  };
  return straightThrough(x, forward, (dy, at) => {
    const limited = tf.tanh(at);
    return tf.divNoNan(tf.mul(dy, tf.sub(1, tf.square(limited))), largest(limited));
  });
}

function levelsOf({ bits = 2 }: DoReFaOptions): number {
  return 2 ** checkNumber('bits', bits, { from: 1, to: 16, integer: true }) - 1;
}

function toLevels(x: tf.Tensor, levels: number): tf.Tensor {
  return tf.div(tf.round(tf.mul(x, levels)), levels);
}
