import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { QuantizedLayer, type QuantizedArgs } from './quantized-layer.ts';

/** Arguments of a binary dense layer. */
export interface BinaryDenseArgs extends QuantizedArgs {
  /** Length of the output. */
  units: number;
}

/** A dense layer whose kernel, and inputs if asked for, are quantized: `q(x)·q(kernel) + bias`. */
export class BinaryDense extends QuantizedLayer {
  /** Its name in saved models. */
  static readonly className = 'BinaryDense';
  readonly units: number;

  /**
   * Makes a layer that is not built yet.
   * @param args See `BinaryDenseArgs`; units that are no whole number throw HelperError `input/value`.
   */
  constructor(args: BinaryDenseArgs) {
    super(args);
    this.units = checkNumber('units', args.units, { from: 1, integer: true });
  }

  /** Makes kernel and bias for inputs of this shape. */
  override build(inputShape: tf.Shape): void {
    this.addKernel([inputShape.at(-1)!, this.units]);
  }

  /** The shape of the output; null where the number of examples is not known. */
  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return [...inputShape.slice(0, -1), this.units];
  }

  /** Computes outputs; TensorFlow.js calls it through `apply`. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return this.compute(inputs, (x, kernel) => {
      const rows = tf.reshape(x, [-1, kernel.shape[0]]);
      const products = tf.matMul(rows, kernel);
      return tf.reshape(products, [...x.shape.slice(0, -1), this.units]);
    });
  }

  /** What `fromConfig` makes the same layer of. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), units: this.units };
  }
}

tf.serialization.registerClass(BinaryDense);

/**
 * A dense layer with a kernel of −1 and 1.
 * @param args `units`, and what `QuantizedArgs` lists: a first layer leaves its inputs as they are, the others take `inputQuantizer: 'steSign'`.
 * @returns A layer for `tf.sequential` or `tf.model`, which saves and loads like any other.
 * @throws HelperError `input/value` for units that are no whole number, or an unknown quantizer.
 * @example tf.sequential({ layers: [onebit.binaryDense({ units: 64, inputShape: [784] })] })
 * @see Hubara et al. 2016, arXiv:1602.02830
 */
export function binaryDense(args: BinaryDenseArgs): BinaryDense {
  return new BinaryDense(args);
}
