import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../../errors.ts';
import { convolve } from '../../models/layers.ts';
import { layAxis } from './geometry.ts';
import { QuantizedLayer, type QuantizedArgs } from './quantized-layer.ts';

/** Arguments of a binary convolution. */
export interface BinaryConv2dArgs extends QuantizedArgs {
  /** Channels of the output. */
  filters: number;
  /** Height and width of the kernel. */
  kernelSize: number;
  /** From one output to the next, along both axes. @default 1 */
  strides?: number;
  /** Whether the picture keeps its size. @default 'valid' */
  padding?: 'same' | 'valid';
  /** What `same` adds around the quantized picture. 0 is what a float convolution adds; 1 and −1 keep it binary. @default 0 */
  padValue?: -1 | 0 | 1;
}

/** A convolution whose kernel, and inputs if asked for, are quantized. */
export class BinaryConv2d extends QuantizedLayer {
  /** Its name in saved models. */
  static readonly className = 'BinaryConv2d';
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'same' | 'valid';
  readonly padValue: number;

  /**
   * Makes a layer that is not built yet.
   * @param args See `BinaryConv2dArgs`; a value out of range throws HelperError `input/value`.
   */
  constructor(args: BinaryConv2dArgs) {
    super(args);
    const { filters, kernelSize, strides = 1, padding = 'valid', padValue = 0 } = args;
    this.filters = checkNumber('filters', filters, { from: 1, integer: true });
    this.kernelSize = checkNumber('kernelSize', kernelSize, { from: 1, integer: true });
    this.strides = checkNumber('strides', strides, { from: 1, integer: true });
    this.padValue = checkNumber('padValue', padValue, { from: -1, to: 1, integer: true });
    if (padding !== 'same' && padding !== 'valid') {
      throw new HelperError(
        'input/value',
        `expected padding same or valid, got ${String(padding)}`
      );
    }
    this.padding = padding;
  }

  /** Makes kernel and bias for inputs of this shape. */
  override build(inputShape: tf.Shape): void {
    this.addKernel([this.kernelSize, this.kernelSize, inputShape.at(-1)!, this.filters]);
  }

  /** The shape of the output; null where the number of examples is not known. */
  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const [examples, height, width] = inputShape as [number | null, number, number];
    return [examples!, this.#axis(height).outputs, this.#axis(width).outputs, this.filters];
  }

  /** Computes outputs; TensorFlow.js calls it through `apply`. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return this.compute(inputs, (x, filter) => {
      const pictures = this.#padded(x as tf.Tensor4D);
      if (this.strides > 1)
        return tf.conv2d(pictures, filter as tf.Tensor4D, this.strides, 'valid');
      return convolve(pictures, { filter, bias: tf.zeros([this.filters]) }, 'valid');
    });
  }

  /** What `fromConfig` makes the same layer of. */
  override getConfig(): tf.serialization.ConfigDict {
    const { filters, kernelSize, strides, padding, padValue } = this;
    return { ...super.getConfig(), filters, kernelSize, strides, padding, padValue };
  }

  #axis(length: number) {
    return layAxis(length, this.kernelSize, this.strides, this.padding);
  }

  #padded(x: tf.Tensor4D): tf.Tensor4D {
    const [rows, columns] = [this.#axis(x.shape[1]), this.#axis(x.shape[2])];
    if (rows.before + rows.after + columns.before + columns.after === 0) return x;
    const added: [number, number][] = [
      [0, 0],
      [rows.before, rows.after],
      [columns.before, columns.after],
      [0, 0]
    ];
    return tf.pad(x, added, this.padValue);
  }
}

tf.serialization.registerClass(BinaryConv2d);

/**
 * A convolution with a kernel of −1 and 1.
 * @param args `filters`, `kernelSize` and what `BinaryConv2dArgs` and `QuantizedArgs` list.
 * @returns A layer for `tf.sequential` or `tf.model`, from [examples, height, width, channels]; it saves and loads like any other.
 * @throws HelperError `input/value` for a value out of range, or an unknown quantizer.
 * @see Hubara et al. 2016, arXiv:1602.02830; Rastegari et al. 2016, arXiv:1603.05279
 */
export function binaryConv2d(args: BinaryConv2dArgs): BinaryConv2d {
  return new BinaryConv2d(args);
}
