import * as tf from '@tensorflow/tfjs';
import { leaves, type Tree } from '../tree.ts';

/**
 * A running average: `decay·old + (1 − decay)·value`.
 * @param old The average so far.
 * @param value The new value, of the same shape.
 * @param decay Share of the old that is kept.
 * @returns The new average.
 */
export function average(old: tf.Tensor, value: tf.Tensor, decay: number): tf.Tensor {
  return tf.add(tf.mul(old, decay), tf.mul(value, 1 - decay));
}

/**
 * Divides by a root: `x / (√(square + epsilonRoot) + epsilon)`; 0 where `x` and the divisor are both 0.
 * @param x The dividend.
 * @param square What is under the root.
 * @param epsilonRoot Added under the root.
 * @param epsilon Added to the root.
 * @returns The quotient.
 */
export function divideByRoot(
  x: tf.Tensor,
  square: tf.Tensor,
  epsilonRoot: number,
  epsilon: number
): tf.Tensor {
  const root = tf.sqrt(epsilonRoot === 0 ? square : tf.add(square, epsilonRoot));
  if (epsilon !== 0) return tf.div(x, tf.add(root, epsilon));
  return epsilonRoot === 0 ? tf.divNoNan(x, root) : tf.div(x, root);
}

/**
 * The L2 norm of all leaves together.
 * @param tree A tree of tensors.
 * @returns A scalar tensor: the root of the sum of all squares, 0 for an empty tree.
 */
export function globalNorm(tree: Tree): tf.Scalar {
  const squares = leaves(tree).map(leaf => tf.sum(tf.square(leaf)));
  return tf.sqrt((squares.length ? tf.addN(squares) : tf.scalar(0)) as tf.Scalar);
}

/**
 * The inner product of two trees.
 * @param a A tree of tensors.
 * @param b A tree of the same structure and shapes.
 * @returns The sum of all products, as a number.
 */
export function dot(a: Tree, b: Tree): number {
  const others = leaves(b);
  return tf.tidy(() => {
    const products = leaves(a).map((leaf, index) => tf.sum(tf.mul(leaf, others[index]!)));
    return products.length ? (tf.addN(products).dataSync()[0] ?? 0) : 0;
  });
}
