import * as tf from '@tensorflow/tfjs';
import { checkQuantizer, quantize, type Quantizer } from '../quantizers/quantizer.ts';

/** TensorFlow.js's name for a layer's common arguments, which it does not export. */
export type LayerArgs = ConstructorParameters<typeof tf.layers.Layer>[0];

/** What all quantized layers take. */
export interface QuantizedArgs extends NonNullable<LayerArgs> {
  /** What the inputs pass before they are multiplied; null leaves them as they are, as a first layer wants. @default null */
  inputQuantizer?: Quantizer | null;
  /** What the kernel passes; null leaves it as it is. @default 'steSign' */
  kernelQuantizer?: Quantizer | null;
  /** Whether a bias is added. @default true */
  useBias?: boolean;
  /** Fixes the kernel's first values, which are Glorot-uniform. @default 0 */
  seed?: number;
}

/** A part of each binary kernel's name, by which masks tell it from other parameters. */
const kernelName = 'binary_kernel';

/**
 * Tells the kernels of quantized layers from other parameters: the mask of `bop` and `clipWeights`.
 * @param path Name of a parameter.
 * @returns Whether it is such a kernel.
 * @example partition({ binary: bop(), rest: adam() }, path => (isBinaryKernel(path) ? 'binary' : 'rest'))
 */
export function isBinaryKernel(path: string): boolean {
  return path.includes(kernelName);
}

/** What dense and convolutional layers with a quantized kernel have in common. */
export abstract class QuantizedLayer extends tf.layers.Layer {
  readonly inputQuantizer: Quantizer | null;
  readonly kernelQuantizer: Quantizer | null;
  readonly useBias: boolean;
  readonly seed: number;
  #kernel: tf.LayerVariable | undefined;
  #bias: tf.LayerVariable | undefined;

  /**
   * Makes a layer that is not built yet.
   * @param args See `QuantizedArgs`; an unknown quantizer throws HelperError `input/value`.
   */
  constructor(args: QuantizedArgs) {
    super(args);
    const { inputQuantizer = null, kernelQuantizer = 'steSign', useBias = true, seed = 0 } = args;
    checkQuantizer(inputQuantizer);
    checkQuantizer(kernelQuantizer);
    [this.inputQuantizer, this.kernelQuantizer] = [inputQuantizer, kernelQuantizer];
    [this.useBias, this.seed] = [useBias, seed];
  }

  /**
   * The kernel that training changes, before its quantizer.
   * @returns The layer's own tensor, whose last axis counts outputs.
   */
  latentKernel(): tf.Tensor {
    return this.#kernel!.read();
  }

  /**
   * The bias.
   * @returns The layer's own tensor of shape [outputs], or null when there is none.
   */
  bias(): tf.Tensor | null {
    return this.#bias?.read() ?? null;
  }

  /** What `fromConfig` makes the same layer of. */
  override getConfig(): tf.serialization.ConfigDict {
    const { inputQuantizer, kernelQuantizer, useBias, seed } = this;
    const own = { inputQuantizer, kernelQuantizer, useBias, seed };
    return { ...super.getConfig(), ...(own as tf.serialization.ConfigDict) };
  }

  /** Makes kernel and bias. */
  protected addKernel(shape: number[]): void {
    const outputs = shape.at(-1)!;
    const glorot = tf.initializers.glorotUniform({ seed: this.seed });
    this.#kernel = this.addWeight(kernelName, shape, 'float32', glorot);
    if (this.useBias)
      this.#bias = this.addWeight('bias', [outputs], 'float32', tf.initializers.zeros());
    this.built = true;
  }

  /** Quantizes inputs and kernel, multiplies them as the layer does, and adds the bias. */
  protected compute(
    inputs: tf.Tensor | tf.Tensor[],
    multiply: (inputs: tf.Tensor, kernel: tf.Tensor) => tf.Tensor
  ): tf.Tensor {
    return tf.tidy(() => {
      const input = Array.isArray(inputs) ? inputs[0]! : inputs;
      const products = multiply(
        quantize(input, this.inputQuantizer),
        quantize(this.latentKernel(), this.kernelQuantizer)
      );
      const bias = this.bias();
      return bias ? tf.add(products, bias) : products;
    });
  }
}
