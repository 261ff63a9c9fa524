import * as tf from '@tensorflow/tfjs';
import type { Random } from '../data/random.ts';

/** A dense layer's parameters: weight of shape [inputs, outputs], bias of shape [outputs]. */
export type Dense = { readonly weight: tf.Tensor; readonly bias: tf.Tensor };

/** A convolution's parameters: filter of shape [height, width, inputs, outputs], bias of shape [outputs]. */
export type Convolution = { readonly filter: tf.Tensor; readonly bias: tf.Tensor };

/**
 * Normal numbers of He's variance, 2 / inputs, which keeps the size of activations through ReLUs.
 * @param shape Shape; all axes but the last count as inputs.
 * @param draw Source of the numbers.
 * @param gain Factor of the standard deviation. @default 1
 * @returns A new tensor.
 * @see He et al. 2015, arXiv:1502.01852
 */
export function heNormal(shape: readonly number[], draw: Random, gain = 1): tf.Tensor {
  const inputs = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  const size = inputs * shape.at(-1)!;
  const deviation = gain * Math.sqrt(2 / inputs);
  return tf.tensor(
    Float32Array.from({ length: size }, () => deviation * draw.normal()),
    [...shape]
  );
}

/**
 * Starts a dense layer.
 * @param inputs Length of its input.
 * @param outputs Length of its output.
 * @param draw Source of the weights.
 * @param gain Factor of the weights' deviation. @default 1
 * @returns Its parameters; the bias is 0.
 */
export function denseParams(inputs: number, outputs: number, draw: Random, gain = 1): Dense {
  return { weight: heNormal([inputs, outputs], draw, gain), bias: tf.zeros([outputs]) };
}

/**
 * A dense layer: `x·weight + bias`.
 * @param x Of shape [..., inputs].
 * @param layer Its parameters.
 * @returns Of shape [..., outputs].
 */
export function dense(x: tf.Tensor, { weight, bias }: Dense): tf.Tensor {
  const [inputs, outputs] = weight.shape as [number, number];
  const rows = tf.reshape(x, [-1, inputs]);
  const y = tf.add(tf.matMul(rows as tf.Tensor2D, weight as tf.Tensor2D), bias);
  return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
}

/**
 * Starts a convolution.
 * @param size Height and width of the filter.
 * @param inputs Channels in.
 * @param outputs Channels out.
 * @param draw Source of the filter.
 * @returns Its parameters; the bias is 0.
 */
export function convolutionParams(
  size: number,
  inputs: number,
  outputs: number,
  draw: Random
): Convolution {
  return { filter: heNormal([size, size, inputs, outputs], draw), bias: tf.zeros([outputs]) };
}

/**
 * A convolution of stride 1, whose gradient needs no kernel but the forward ones: it can be trained on the WebAssembly backend,
 * which lacks TensorFlow.js's own gradient of the filter.
 * @param x Of shape [examples, height, width, inputs].
 * @param layer Its parameters; for `same` padding the filter's size is odd.
 * @param padding Whether the picture keeps its size (`same`) or loses its rim (`valid`).
 * @returns Of shape [examples, height, width, outputs].
 */
export function convolve(
  x: tf.Tensor4D,
  { filter, bias }: Convolution,
  padding: 'same' | 'valid'
): tf.Tensor4D {
  const rim = padding === 'same' ? (filter.shape[0] - 1) / 2 : 0;
  const padded =
    rim === 0
      ? x
      : tf.pad(x, [
          [0, 0],
          [rim, rim],
          [rim, rim],
          [0, 0]
        ]);
  return tf.add<tf.Tensor4D>(validConvolution(padded, filter as tf.Tensor4D), bias);
}

function validConvolution(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const withGradient = tf.customGrad((...args) => {
    const [input, weights, save] = args as unknown as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([input, weights]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [input, weights] = saved as [tf.Tensor4D, tf.Tensor4D];
      return [inputGradient(dy as tf.Tensor4D, weights), filterGradient(input, dy as tf.Tensor4D)];
    };
    return { value: tf.conv2d(input, weights, 1, 'valid'), gradFunc };
  });
  return withGradient(x, filter);
}

/** The output's gradient, with a wide rim, convolved with the filter turned by half a turn. */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const [height, width] = filter.shape;
  const wide = tf.pad(dy, [
    [0, 0],
    [height - 1, height - 1],
    [width - 1, width - 1],
    [0, 0]
  ]);
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(wide, turned, 1, 'valid');
}

/** The input convolved with the output's gradient, examples taking the place of channels. */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor4D {
  const channelsFirst = tf.transpose(x, [3, 1, 2, 0]);
  const asFilter = tf.transpose(dy, [1, 2, 0, 3]);
  return tf.transpose(tf.conv2d(channelsFirst, asFilter, 1, 'valid'), [1, 2, 0, 3]);
}

/**
 * Sees flat rows as square pictures.
 * @param inputs Of shape [examples, side·side·channels], or pictures already.
 * @param channels Channels of the pictures.
 * @returns Of shape [examples, side, side, channels].
 */
export function asPictures(inputs: tf.Tensor, channels: number): tf.Tensor4D {
  if (inputs.rank === 4) return inputs as tf.Tensor4D;
  const side = Math.round(Math.sqrt(inputs.shape[1]! / channels));
  return tf.reshape(inputs, [-1, side, side, channels]);
}
