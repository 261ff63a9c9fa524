/**
 * Networks as pure functions of their parameters, from a perceptron to a small transformer.
 * @module
 */
export {
  leNet5,
  resNet,
  type LeNet5Params,
  type ResNetOptions,
  type ResNetParams
} from './convolutional.ts';
export { convolve, dense, type Convolution, type Dense } from './layers.ts';
export { leNet300, mlp, type PerceptronOptions, type PerceptronParams } from './perceptron.ts';
export { transformer, type TransformerOptions, type TransformerParams } from './transformer.ts';
