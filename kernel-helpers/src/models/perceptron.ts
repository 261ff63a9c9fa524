import * as tf from '@tensorflow/tfjs';
import { random } from '../data/random.ts';
import { checkNumber, HelperError, inWords } from '../errors.ts';
import type { Network } from '../training/network.ts';
import { dense, denseParams, type Dense } from './layers.ts';

/** Parameters of a perceptron, layer by layer. */
export type PerceptronParams = { readonly layers: readonly Dense[] };

/** How a perceptron starts and computes. */
export interface PerceptronOptions {
  /** Fixes the weights. @default 0 */
  seed?: number;
  /** Between the layers. @default 'relu' */
  activation?: 'relu' | 'tanh';
}

/**
 * A multilayer perceptron: dense layers with an activation between them.
 * @param sizes Lengths of the input, the hidden layers and the output: at least two.
 * @param options Seed and activation.
 * @returns A network from [examples, first size] to [examples, last size]; inputs of more axes are flattened.
 * @throws HelperError `input/value` for fewer than two sizes, a size that is no whole number of at least 1, or another activation.
 * @example mlp([2, 16, 1])
 */
export function mlp(
  sizes: readonly number[],
  options: PerceptronOptions = {}
): Network<PerceptronParams> {
  if (sizes.length < 2) {
    throw new HelperError('input/value', `expected at least two sizes, got [${sizes.join(', ')}]`);
  }
  sizes.forEach((size, index) => checkNumber(`sizes[${index}]`, size, { from: 1, integer: true }));
  const activate = { relu: tf.relu, tanh: tf.tanh }[options.activation ?? 'relu'];
  if (!activate) {
    const got = inWords(options.activation);
    throw new HelperError('input/value', `expected { activation } to be relu or tanh, got ${got}`);
  }
  const draw = random(options.seed ?? 0);
  const layers = sizes.slice(1).map((outputs, index) => denseParams(sizes[index]!, outputs, draw));
  return {
    params: { layers },
    apply(params, inputs) {
      const flat = tf.reshape(inputs, [inputs.shape[0], -1]);
      return params.layers.reduce<tf.Tensor>(
        (x, layer, index) => dense(index === 0 ? x : activate(x), layer),
        flat
      );
    }
  };
}

/**
 * LeNet-300-100: 784 inputs, 300 and 100 hidden units, 10 classes; 266,610 parameters.
 * @param options Seed and activation.
 * @returns A network from [examples, 784] to [examples, 10] logits.
 * @see LeCun et al. 1998; Han et al. 2015, arXiv:1506.02626, for its use in pruning
 */
export function leNet300(options?: PerceptronOptions): Network<PerceptronParams> {
  return mlp([784, 300, 100, 10], options);
}
