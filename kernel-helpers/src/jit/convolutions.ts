import type { TensorFlow } from '../runtime/start.ts';
import { DataType, sizeOf } from '../runtime/types.ts';
import type { GraphTensor } from './graph.ts';

type Shaped = Pick<GraphTensor, 'shape'>;
type Typed = Pick<GraphTensor, 'shape' | 'dtype'>;

/** Which of a convolution's tensors is the filter, and which has the convolution's output's shape. */
const convolutions: Readonly<
  Record<string, (inputs: readonly Shaped[], output: Shaped) => readonly [Shaped, Shaped]>
> = {
  Conv2D: ([, filter], output) => [filter!, output],
  Conv2DBackpropInput: ([, filter, dy]) => [filter!, dy!],
  Conv2DBackpropFilter: ([, , dy], filter) => [filter, dy!]
};

/**
 * How many products a convolution sums up.
 * @param name The operation's type.
 * @param inputs Its inputs.
 * @param output Its output.
 * @returns Their number; 0 for what is no convolution of images, and for lower precisions, which XLA computes faster and better.
 */
export function convolutionProducts(
  name: string,
  inputs: readonly Shaped[],
  output: Typed
): number {
  if (output.dtype !== DataType.float32) return 0;
  const parts = convolutions[name]?.(inputs, output);
  if (!parts) return 0;
  const [filter, made] = parts;
  return (sizeOf(made.shape) / filter.shape.at(-1)!) * sizeOf(filter.shape);
}

/** From here on oneDNN's quicker convolutions gain more than XLA's fusion of all else. */
const manyProducts = 2 ** 24;

/** oneDNN serves x86-64, unless it is turned off. */
const hasOneDnn = (): boolean =>
  process.arch === 'x64' && process.env.TF_ENABLE_ONEDNN_OPTS !== '0';

/**
 * Why a function runs better as a plain TensorFlow function than through XLA, whose convolutions take twice as long as oneDNN's or more.
 * @param runtime TensorFlow.
 * @param products How many products the function's convolutions sum up.
 * @returns The reason; undefined when XLA is to compile it.
 */
export function plainReason({ backend }: TensorFlow, products: number): string | undefined {
  const isOnGpu = backend.binding.isUsingGpuDevice();
  if (isOnGpu || products < manyProducts || !hasOneDnn()) return undefined;
  return `its convolutions of ${Math.round(products / 1e6)} million products run faster without XLA on this processor`;
}
