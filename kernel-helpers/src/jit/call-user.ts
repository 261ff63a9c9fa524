import type { Tensor } from '@tensorflow/tfjs';
import { TensorFlowError } from '../runtime/errors.ts';
import type { TensorFunction } from './record.ts';
import { here, userLine } from './source-line.ts';
import { type Structure, unflatten } from './structure.ts';
import type { Snapshot } from './variables.ts';

/**
 * Calls the user's function while it is recorded.
 * @param name What it is called.
 * @param fn The function.
 * @param structure How its arguments are nested.
 * @param symbols The arguments' tensors.
 * @returns Its result; null for none.
 * @throws TensorFlowError `jit/asynchronous` for a promise, `jit/disposed` when it uses a disposed tensor.
 */
export function callSynchronously(
  name: string,
  fn: TensorFunction,
  structure: Structure,
  symbols: readonly Tensor[]
): unknown {
  const args = unflatten(structure, index => symbols[index]!) as never[];
  const result = named(name, () => fn(...args));
  if (typeof (result as Partial<Promise<unknown>> | undefined)?.then !== 'function') {
    return result === undefined ? null : result;
  }
  // Its failure would end the process unheard: what it awaits cannot work while recording.
  (result as Promise<unknown>).then(undefined, () => undefined);
  throw new TensorFlowError(
    'jit/asynchronous',
    `expected ${name} to be synchronous, it returned a promise${userLine(here())}; read values after the call, not inside`
  );
}

/** Gives TensorFlow.js's bare message about disposed tensors a code and a line. */
function named<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!isAboutDisposed(error)) throw error;
    throw new TensorFlowError(
      'jit/disposed',
      `${name} uses a tensor that was disposed of${userLine(error)}; make it anew, or keep it with tf.keep`,
      { cause: error }
    );
  }
}

/** Operations are refused by this library, methods of a tensor by TensorFlow.js. */
function isAboutDisposed(error: unknown): error is Error {
  if (error instanceof TensorFlowError) return error.code === 'tensorflow/disposed';
  return error instanceof Error && error.message === 'Tensor is disposed.';
}

/**
 * Refuses that variables were disposed of meanwhile.
 * @param name What the function is called.
 * @param variables The variables from before.
 * @throws TensorFlowError `jit/disposed` naming the first that is gone.
 */
export function assertAlive(name: string, variables: Snapshot): void {
  const gone = variables.find(({ variable }) => variable.isDisposed);
  if (!gone) return;
  throw new TensorFlowError(
    'jit/disposed',
    `${name} disposed of the variable ${gone.variable.name} while it was recorded; dispose of variables outside of the function`
  );
}

/**
 * Frees a result that the function keeps: it would outlive the recording as a symbol.
 * @param leaf A tensor of the result.
 */
export function releaseKept(leaf: Tensor): void {
  if (!leaf.kept || leaf.isDisposed) return;
  leaf.dispose();
}
