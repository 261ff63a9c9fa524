import * as tf from '@tensorflow/tfjs';
import { leaves, type Tree } from '../tree.ts';
import { add, mul, scalar } from './elementwise.ts';
import { leafwise } from './transform.ts';

/**
 * Frees what a result was computed from and nobody else needs, at once: a scope would hold it until all of a leaf is computed,
 * and a step would need several copies of the parameters.
 * @param result What was computed.
 * @param spent What it was computed from.
 * @returns The result.
 */
export function spend<T extends tf.Tensor>(result: T, ...spent: tf.Tensor[]): T {
  for (const tensor of spent) tensor.dispose();
  return result;
}

/**
 * A running average: `decay·old + (1 − decay)·value`.
 * @param old The average so far.
 * @param value The new value, of the same shape.
 * @param decay Share of the old that is kept.
 * @returns The new average.
 */
export function average(old: tf.Tensor, value: tf.Tensor, decay: number): tf.Tensor {
  const [kept, fresh] = [tf.mul(old, decay), tf.mul(value, 1 - decay)];
  return spend(tf.add(kept, fresh), kept, fresh);
}

/**
 * Running averages of a whole tree: `decay·old + (1 − decay)·value`, or of the values' squares.
 * @param old The averages so far.
 * @param values The new values, of the same structure and shapes.
 * @param decay Share of the old that is kept.
 * @param of What is averaged. @default 'value'
 * @returns The new averages.
 */
export function averages(
  old: Tree,
  values: Tree,
  decay: number,
  of: 'value' | 'square' = 'value'
): Tree {
  // One tensor each for all leaves: making one costs as much as multiplying a small leaf.
  const [keeps, takes] = [scalar(decay), scalar(1 - decay)];
  return leafwise(
    (value, mean) => {
      const term = of === 'square' ? tf.square(value) : value;
      const fresh = mul(term, takes);
      if (term !== value) term.dispose();
      const kept = mul(mean, keeps);
      return spend(add(kept, fresh), kept, fresh);
    },
    values,
    old
  );
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
  const root = plus(square, epsilonRoot, tf.sqrt);
  if (epsilon === 0) return spend(epsilonRoot === 0 ? tf.divNoNan(x, root) : tf.div(x, root), root);
  const divisor = spend(tf.add(root, epsilon), root);
  return spend(tf.div(x, divisor), divisor);
}

/**
 * A function of a sum, without the sum where nothing is added.
 * @param x The first summand.
 * @param more The second.
 * @param fn The function.
 * @returns `fn(x + more)`.
 */
export function plus(x: tf.Tensor, more: number, fn: (sum: tf.Tensor) => tf.Tensor): tf.Tensor {
  if (more === 0) return fn(x);
  const sum = tf.add(x, more);
  return spend(fn(sum), sum);
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
