import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tree } from '../tree.ts';
import { flatten, unflatten } from './structure.ts';
import type { TrainPosition } from './train-step.ts';

/**
 * Puts a position into variables, which a training step writes in place of making new tensors, as Python's `tf.function` does: the
 * memory is touched once, but the position before is gone.
 * @param position Parameters and state; they stay the caller's to dispose of, and their data is copied before it is written.
 * @returns The same numbers in variables, which are the caller's to dispose of.
 * @throws TensorFlowError `jit/disposed` for a disposed tensor.
 * @example
 * let position = inVariables({ params, state: optimizer.init(params) });
 * for (const { inputs, targets } of batches) position = step(position, inputs, targets);
 */
export function inVariables<P extends Tree>({ params, state }: TrainPosition<P>): TrainPosition<P> {
  const { structure, leaves } = flatten({ params, state }, 'position');
  const variables = leaves.map(leaf => tf.variable(leaf, false));
  return unflatten(structure, i => variables[i]!) as TrainPosition<P>;
}

/**
 * Assigns, while a step is recorded, what comes after to the variables that held what was before.
 * @param before The position's tensors.
 * @param after Those of the next position.
 * @returns By the number of a tensor after, that of the tensor before which it is: one written here, or one that the step left as it was.
 */
export function writeInPlace(
  before: readonly Tensor[],
  after: readonly Tensor[]
): ReadonlyMap<number, number> {
  const same = new Map<number, number>();
  after.forEach((leaf, at) => {
    const [left, own] = [before.indexOf(leaf), before[at]];
    if (left >= 0) same.set(at, left);
    else if (own instanceof tf.Variable && canHold(own, leaf)) {
      own.assign(leaf);
      same.set(at, at);
    }
  });
  return same;
}

function canHold(variable: Tensor, { dtype, shape }: Tensor): boolean {
  return variable.dtype === dtype && tf.util.arraysEqual(variable.shape, shape);
}

/**
 * A tensor of the position before as one of the next.
 * @param tensor The tensor.
 * @param isInPlace Whether it stands where it stood.
 * @returns A variable itself where it stood; else a tensor of its own that shares the data.
 */
export function carriedOver(tensor: Tensor, isInPlace: boolean): Tensor {
  return isInPlace && tensor instanceof tf.Variable ? tensor : tensor.clone();
}
