import * as tf from '@tensorflow/tfjs';
import { leaves, mapTree, type Tree } from '../tree.ts';

/**
 * Copies a tree's numbers into one array.
 * @param tree Float32 tensors.
 * @param extra How many places to leave free at the end.
 * @returns The numbers, leaf after leaf.
 */
export async function flatten(tree: Tree, extra = 0): Promise<Float32Array> {
  const tensors = leaves(tree);
  const values = await Promise.all(tensors.map(leaf => leaf.data<'float32'>()));
  const flat = new Float32Array(values.reduce((sum, { length }) => sum + length, extra));
  let at = 0;
  for (const part of values) {
    flat.set(part, at);
    at += part.length;
  }
  return flat;
}

/**
 * Makes a tree of one array's numbers.
 * @param like The tree whose structure and shapes to take.
 * @param flat At least as many numbers as its tensors have.
 * @returns New tensors, which belong to the caller.
 */
export function unflatten<P extends Tree>(like: P, flat: Float32Array): P {
  let at = 0;
  return mapTree(like, leaf => tf.tensor(flat.slice(at, (at += leaf.size)), leaf.shape));
}
