import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { stopGradient } from '../../stop-gradient.ts';
import { binarySign, passWithin, straightThrough } from './straight-through.ts';

/** Options of the clipped straight-through estimator. */
export interface SteSignOptions {
  /** Gradients pass where |x| is at most this; null passes all. @default 1 */
  clip?: number | null;
}

/**
 * The sign, with the clipped identity's gradient: 1 where |x| ≤ clip, else 0. The sign of 0 is 1, as in larq and DeepSpeed
 * (`tf.sign` has 0).
 * @param x Any tensor.
 * @param options See `SteSignOptions`.
 * @returns −1 or 1, of the shape of `x`.
 * @throws HelperError `input/value` for a clip of 0 or less.
 * @see Hubara et al. 2016, arXiv:1602.02830, equation 4
 */
export function steSign<T extends tf.Tensor>(x: T, options: SteSignOptions = {}): T {
  const { clip = 1 } = options;
  if (clip !== null) checkNumber('clip', clip, { above: 0 });
  return straightThrough(x, binarySign, (dy, at) => passWithin(dy, at, clip));
}

/**
 * The sign, with the gradient of a piecewise parabola: 2 − 2|x| where |x| ≤ 1, else 0.
 * @param x Any tensor.
 * @returns −1 or 1, of the shape of `x`.
 * @see Liu et al. 2018 (Bi-Real Net), arXiv:1808.00278, equation 7
 */
export function approxSign<T extends tf.Tensor>(x: T): T {
  return straightThrough(x, binarySign, (dy, at) =>
    tf.mul(dy, tf.mul(2, tf.relu(tf.sub(1, tf.abs(at)))))
  );
}

/**
 * The sign, with the gradient of the sign-swish: β(2 − βx·tanh(βx/2)) / (1 + cosh βx).
 * @param x Any tensor.
 * @param options `beta`: how steep, above 0. @default 5
 * @returns −1 or 1, of the shape of `x`.
 * @throws HelperError `input/value` for a beta of 0 or less.
 * @see Darabi et al. 2018 (BNN+), arXiv:1812.11800
 */
export function swishSign<T extends tf.Tensor>(x: T, options: { beta?: number } = {}): T {
  const beta = checkNumber('beta', options.beta ?? 5, { above: 0 });
  return straightThrough(x, binarySign, (dy, at) => {
    // Beyond ±30 the slope is below 1e-11 of its height, and cosh would leave float32's range.
    const scaled = tf.clipByValue(tf.mul(at, beta), -30, 30);
    const bend = tf.sub(2, tf.mul(scaled, tf.tanh(tf.div(scaled, 2))));
    return tf.mul(dy, tf.mul(beta, tf.div(bend, tf.add(1, tf.cosh(scaled)))));
  });
}

/**
 * The sign times the mean magnitude of each output's weights, with the clipped identity's gradient times that mean.
 * @param x A kernel of shape [..., outputs].
 * @param options See `SteSignOptions`.
 * @returns Per output ±mean|x|, of the shape of `x`; the mean counts as a constant of the gradient.
 * @see Rastegari et al. 2016 (XNOR-Net), arXiv:1603.05279, equation 6; Liu et al. 2018, arXiv:1808.00278, section 3.3
 */
export function magnitudeAwareSign<T extends tf.Tensor>(x: T, options: SteSignOptions = {}): T {
  return tf.mul(steSign(x, options), stopGradient(meanMagnitudes(x)));
}

/**
 * The mean magnitude of each output's weights.
 * @param kernel Of shape [..., outputs].
 * @returns Of shape [outputs].
 */
export function meanMagnitudes(kernel: tf.Tensor): tf.Tensor {
  return tf.mean(
    tf.abs(kernel),
    kernel.shape.slice(0, -1).map((_, axis) => axis)
  );
}
