/**
 * TensorFlow's own library under TensorFlow.js, from the Python wheel, without a compiler.
 * @module
 */
export { TensorFlowError, type TensorFlowErrorCode } from './errors.ts';
export {
  tensorflow,
  useTensorFlow,
  whyNoTensorFlow,
  type TensorFlow,
  type TensorFlowOptions
} from './start.ts';
