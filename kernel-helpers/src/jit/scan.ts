import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { TensorFlowError } from '../runtime/errors.ts';
import { type Jitted, type JitOptions, makeJitted, nameOf } from './jitted.ts';
import { recordLoop } from './record-loop.ts';
import { type Flat, flatten, type Structure, unflatten } from './structure.ts';

/** One step of a loop: from what is carried and this step's inputs to what is carried on and an output. */
export type ScanStep<C, X, Y> = (carry: C, input: X) => { carry: C; output: Y };

/** What a loop returns: what is carried at last, and every step's output stacked along a new first axis. */
export interface ScanResult<C, Y> {
  carry: C;
  outputs: Y;
}

/**
 * Runs a step many times in one call of TensorFlow.
 * @param step Takes what is carried and its own slice of the inputs. What is carried keeps its structure, shapes and data types.
 *   It may read variables, not write them: carry what changes.
 * @param length How many steps; at least 1.
 * @param options Compilation, precision, seed.
 * @returns Takes what is carried at first and the inputs of all steps, stacked along the first axis, if there are any.
 * @throws TensorFlowError `jit/scan` when the carry changes its shape, a variable is written, or an input has not `length` slices.
 * @example const train = jit.scan((state, batch) => ({ carry: next(state, batch), output: loss }), 100)
 */
export function scan<C, X, Y>(
  step: ScanStep<C, X, Y>,
  length: number,
  options: JitOptions = {}
): Jitted<(carry: C, inputs?: X) => ScanResult<C, Y>> {
  if (!Number.isInteger(length) || length < 1) {
    throw new TensorFlowError(
      'jit/scan',
      `expected a whole number of at least 1 steps, got ${String(length)}`
    );
  }
  const name = nameOf(step, options);
  const oneByOne = (carry: C, inputs?: X): ScanResult<C, Y> => {
    const { structure, leaves } = flatten(inputs, 'inputs');
    assertSlices(structure, leaves, length);
    return runOneByOne(step, length, carry, inputs as X);
  };
  return makeJitted(
    oneByOne,
    (recorder, args) => {
      const [, inputs] = (args.structure as { list: Structure[] }).list;
      assertSlices(inputs, args.leaves, length);
      return recordLoop(recorder, name, step as ScanStep<unknown, unknown, unknown>, length, args);
    },
    { ...options, name }
  );
}

/** Inside another recording, or on a tape, the steps follow each other as they are. */
function runOneByOne<C, X, Y>(
  step: ScanStep<C, X, Y>,
  length: number,
  first: C,
  inputs: X
): ScanResult<C, Y> {
  let carry = first;
  const outputs: Flat[] = [];
  const flat = flatten(inputs, 'inputs');
  for (let i = 0; i < length; i++) {
    const slice = unflatten(flat.structure, leaf => tf.gather(flat.leaves[leaf]!, i)) as X;
    const result = step(carry, slice);
    carry = result.carry;
    outputs.push(flatten(result.output, 'output'));
  }
  const stacked = unflatten(outputs[0]!.structure, leaf =>
    tf.stack(outputs.map(output => output.leaves[leaf] as Tensor))
  );
  return { carry, outputs: stacked as Y };
}

function assertSlices(
  inputs: Structure | undefined,
  leaves: readonly Tensor[],
  length: number
): void {
  if (!inputs) return;
  unflatten(inputs, leaf => {
    const tensor = leaves[leaf]!;
    if (tensor.shape[0] === length) return tensor;
    throw new TensorFlowError(
      'jit/scan',
      `expected inputs of ${length} slices along the first axis, got shape [${String(tensor.shape)}]`
    );
  });
}
