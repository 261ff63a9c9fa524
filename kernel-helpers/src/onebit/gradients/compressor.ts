import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';
import { leaves, type Tree } from '../../tree.ts';
import { leafwise } from '../../optim/transform.ts';
import { binarySign } from '../quantizers/straight-through.ts';

/** A way to send a tensor in fewer bytes. */
export interface Compressor {
  /** Its name. */
  readonly name: string;
  /** What arrives of a tensor: of its shape. */
  readonly compress: (x: tf.Tensor) => tf.Tensor;
  /** Bytes that a tensor of so many numbers takes on the way. */
  readonly bytes: (size: number) => number;
}

/** How the one number that goes with the signs is made. */
export interface SignOptions {
  /**
   * `mean`: the mean magnitude, as in EF-signSGD; `root`: the root of the mean square, as in DeepSpeed's 1-bit Adam; `none`: signs alone,
   * as in signSGD. @default 'mean'
   */
  scale?: 'mean' | 'root' | 'none';
}

/**
 * One bit a number: its sign (that of 0 is 1, as in DeepSpeed), and one scale of 4 bytes for each tensor.
 * @param options See `SignOptions`.
 * @returns The compressor.
 * @see Karimireddy et al. 2019, arXiv:1901.09847, algorithm 1; Tang et al. 2021, arXiv:2102.02888
 */
export function signCompressor(options: SignOptions = {}): Compressor {
  const { scale = 'mean' } = options;
  const scaleOf = (x: tf.Tensor): tf.Tensor =>
    scale === 'mean' ? tf.mean(tf.abs(x)) : tf.sqrt(tf.mean(tf.square(x)));
  return {
    name: `sign(${scale})`,
    compress: x => (scale === 'none' ? binarySign(x) : tf.mul(binarySign(x), scaleOf(x))),
    bytes: size => Math.ceil(size / 8) + (scale === 'none' ? 0 : 4)
  };
}

/**
 * Sends each tensor of a tree.
 * @param compressor How.
 * @param tree A tree of tensors.
 * @returns What arrives: new tensors in a tree of the same structure.
 */
export function compressTree<P extends Tree>(compressor: Compressor, tree: P): P {
  return leafwise(leaf => compressor.compress(leaf), tree);
}

/**
 * Bytes that a tree takes on the way.
 * @param tree A tree of tensors.
 * @param bytes Bytes of a tensor of so many numbers. @default 4 each: float32
 * @returns Their sum.
 */
export function treeBytes(tree: Tree, bytes = (size: number): number => 4 * size): number {
  return leaves(tree).reduce((sum, leaf) => sum + bytes(leaf.size), 0);
}

/**
 * The signs of a tensor as they travel: 8 to a byte, the first in the lowest bit, 1 for at least 0.
 * @param x Any tensor.
 * @returns ⌈size / 8⌉ bytes.
 */
export function encodeSigns(x: tf.Tensor): Uint8Array {
  const values = x.dataSync();
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++) if (values[i]! >= 0) bytes[i >> 3]! |= 1 << (i & 7);
  return bytes;
}

/**
 * Reads what `encodeSigns` wrote.
 * @param bytes At least as many bits as the shape has elements.
 * @param shape The tensor's shape.
 * @returns A new tensor of −1 and 1.
 * @throws HelperError `input/shape` for fewer bits.
 */
export function decodeSigns(bytes: Uint8Array, shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  if (8 * bytes.length < size) {
    throw new HelperError(
      'input/shape',
      `expected at least ${Math.ceil(size / 8)} bytes of signs for shape [${shape.join(', ')}], got ${bytes.length}`
    );
  }
  const values = Float32Array.from({ length: size }, (_, i) =>
    (bytes[i >> 3]! >> (i & 7)) & 1 ? 1 : -1
  );
  return tf.tensor(values, [...shape]);
}
