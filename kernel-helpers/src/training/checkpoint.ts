import { HelperError } from '../errors.ts';
import { decodeTree, encodeTree } from '../io/tree-file.ts';
import { checkAlike, mapTree, release, type State, type Tree } from '../tree.ts';
import type { Best } from './patience.ts';
import type { Position } from './step.ts';

/** What a run knows besides its position: the epoch it is in, and the best one so far. */
export type Progress<P extends Tree> = {
  /** Sum of the losses of this epoch's batches. */
  readonly lossSum: number;
  /** How many they are. */
  readonly batches: number;
  /** The best epoch, where early stopping watches. */
  readonly best: Best<P> | null;
  /** Moving means and variances of batch normalisation, where the model has any. */
  readonly statistics?: Tree;
};

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
 * @param progress The epoch it is in, and the best one so far.
 * @returns The checkpoint; its `bytes` are a safetensors file.
 */
export function takeCheckpoint<P extends Tree>(
  step: number,
  position: Position<P>,
  progress: Progress<P>
): Checkpoint {
  const { params, state } = position;
  const kept = { step, params: params as State, state, progress: progress as State };
  return { step, bytes: encodeTree(kept) };
}

/**
 * Reads a checkpoint.
 * @param file The bytes of a checkpoint.
 * @param like Parameters whose structure and shapes the checkpoint must have.
 * @returns Steps taken, the position and the progress, whose tensors belong to the caller.
 * @throws HelperError `io/format` for another file, `input/structure` or `input/shape` for other parameters.
 */
export function readCheckpoint<P extends Tree>(
  file: Uint8Array,
  like: P
): Position<P> & { readonly step: number; readonly progress: Progress<P> } {
  const read = decodeTree(file);
  try {
    const { step, params, state, progress } = read as Partial<
      Position<Tree> & { step: number; progress: Progress<Tree> }
    >;
    if (typeof step !== 'number' || !params || state === undefined || !progress) {
      throw new HelperError(
        'io/format',
        'expected a checkpoint, the file holds no step, params, state and progress'
      );
    }
    const { best } = progress;
    const bestParams = best?.params ? asIn(like, best.params) : null;
    return {
      step,
      params: asIn(like, params),
      state,
      progress: { ...progress, best: best && { ...best, params: bestParams } }
    };
  } catch (error) {
    release(read);
    throw error;
  }
}

/** The same tensors in the structure of `like`, whose type the compiler knows. */
function asIn<P extends Tree>(like: P, read: Tree): P {
  const leaves = checkAlike(like, read);
  return mapTree(like, (_, __, index) => leaves[index]!);
}
