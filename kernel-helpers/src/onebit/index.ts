/**
 * One-bit learning: binary and few-bit weights, gradients of one bit with error feedback, inference on packed bits.
 * @module
 */
export {
  doReFaActivations,
  doReFaWeights,
  ternary,
  type DoReFaOptions,
  type TernaryOptions
} from './quantizers/levels.ts';
export { bitsOf, quantize, type Quantizer, type QuantizerName } from './quantizers/quantizer.ts';
export {
  approxSign,
  magnitudeAwareSign,
  steSign,
  swishSign,
  type SteSignOptions
} from './quantizers/sign.ts';
export { straightThrough } from './quantizers/straight-through.ts';
export { binaryConv2d, BinaryConv2d, type BinaryConv2dArgs } from './layers/binary-conv2d.ts';
export { binaryDense, BinaryDense, type BinaryDenseArgs } from './layers/binary-dense.ts';
export { isBinaryKernel, QuantizedLayer, type QuantizedArgs } from './layers/quantized-layer.ts';
export type { Affine } from './packed/columns.ts';
export { PackedConv2d, type Conv2dPlan } from './packed/packed-conv2d.ts';
export { PackedDense, type DensePlan } from './packed/packed-dense.ts';
export { packModel, type PackedLayer, type PackedModel } from './packed/pack-model.ts';
export { binarizeKernels, bop, clipWeights, flipRatio, type BopOptions } from './bop.ts';
export {
  decodeSigns,
  encodeSigns,
  signCompressor,
  treeBytes,
  type Compressor,
  type SignOptions
} from './gradients/compressor.ts';
export { errorFeedback } from './gradients/error-feedback.ts';
export { majorityVote, voteOf } from './gradients/majority-vote.ts';
export { oneBitAdam, oneBitAdamWorkers, type OneBitAdamOptions } from './gradients/one-bit-adam.ts';
export {
  bytesSent,
  fullAverage,
  singleWorker,
  type Agreed,
  type WorkersTransform
} from './gradients/workers.ts';
export { sizeReport, type LayerSize, type ModelSize } from './summary.ts';
