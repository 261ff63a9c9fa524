import { HelperError } from '../errors.ts';
import { decodeTree, encodeTree } from '../io/tree-file.ts';
import { checkAlike, mapTree, release, type State, type Tree } from '../tree.ts';
import type { Position } from './step.ts';

/** All that a run needs to go on as if it had not stopped. */
export interface Checkpoint {
  /** Steps taken so far. */
  readonly step: number;
  /** The file: parameters and optimiser state, bit for bit. */
  readonly bytes: Uint8Array;
}

/**
 * Takes a checkpoint.
 * @param step Steps taken so far.
 * @param position Parameters and optimiser state.
 * @returns The checkpoint; its `bytes` are a safetensors file.
 */
export function takeCheckpoint<P extends Tree>(step: number, position: Position<P>): Checkpoint {
  const { params, state } = position;
  return { step, bytes: encodeTree({ step, params: params as State, state }) };
}

/**
 * Reads a checkpoint.
 * @param file The bytes of a checkpoint.
 * @param like Parameters whose structure and shapes the checkpoint must have.
 * @returns Steps taken, and the position, whose tensors belong to the caller.
 * @throws HelperError `io/format` for another file, `input/structure` or `input/shape` for other parameters.
 */
export function readCheckpoint<P extends Tree>(
  file: Uint8Array,
  like: P
): Position<P> & { readonly step: number } {
  const read = decodeTree(file);
  try {
    const { step, params, state } = read as { step?: State; params?: Tree; state?: State };
    if (typeof step !== 'number' || params === undefined || state === undefined) {
      throw new HelperError(
        'io/format',
        'expected a checkpoint, the file holds no step, params and state'
      );
    }
    const leaves = checkAlike(like, params);
    return { step, params: mapTree(like, (_, __, index) => leaves[index]!), state };
  } catch (error) {
    release(read);
    throw error;
  }
}
