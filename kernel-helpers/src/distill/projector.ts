import type * as tf from '@tensorflow/tfjs';
import { random } from '../data/random.ts';
import { checkNumber } from '../errors.ts';
import { convolutionParams, convolve, dense, denseParams } from '../models/layers.ts';

/** A small layer that brings a student's features to the teacher's shape, and learns along with it. */
export interface Projector {
  /** Makes its parameters. */
  readonly init: () => Readonly<Record<string, tf.Tensor>>;
  /** Projects features. */
  readonly apply: (params: Readonly<Record<string, tf.Tensor>>, features: tf.Tensor) => tf.Tensor;
}

/**
 * A projector of vectors: a dense layer.
 * @param inputs Length of the student's features.
 * @param outputs Length of the teacher's.
 * @param options `seed` fixes the first weights. @default 0
 * @returns The projector, from [..., inputs] to [..., outputs].
 * @throws HelperError `input/value` for a length that is no whole number of at least 1.
 */
export function denseProjector(
  inputs: number,
  outputs: number,
  options: { seed?: number } = {}
): Projector {
  checkNumber('inputs', inputs, { from: 1, integer: true });
  checkNumber('outputs', outputs, { from: 1, integer: true });
  return {
    init: () => ({ ...denseParams(inputs, outputs, random(options.seed ?? 0)) }),
    apply: ({ weight, bias }, features) => dense(features, { weight: weight!, bias: bias! })
  };
}

/**
 * A projector of feature maps: a convolution that keeps their height and width.
 * @param inputs Channels of the student's maps.
 * @param outputs Channels of the teacher's.
 * @param options `size` of the kernel, an odd number; `seed` fixes the first weights. @default size 1, seed 0
 * @returns The projector, from [examples, height, width, inputs] to [examples, height, width, outputs].
 * @throws HelperError `input/value` for a number that is no whole number of at least 1.
 * @see Romero et al. 2015, arXiv:1412.6550, section 2.2
 */
export function convolutionProjector(
  inputs: number,
  outputs: number,
  options: { size?: number; seed?: number } = {}
): Projector {
  checkNumber('inputs', inputs, { from: 1, integer: true });
  checkNumber('outputs', outputs, { from: 1, integer: true });
  const size = checkNumber('size', options.size ?? 1, { from: 1, integer: true });
  return {
    init: () => ({ ...convolutionParams(size, inputs, outputs, random(options.seed ?? 0)) }),
    apply: ({ filter, bias }, features) =>
      convolve(features as tf.Tensor4D, { filter: filter!, bias: bias! }, 'same')
  };
}
