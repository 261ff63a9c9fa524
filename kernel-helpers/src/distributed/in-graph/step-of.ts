import type { Examples } from '../../data/batches.ts';
import { HelperError } from '../../errors.ts';
import type { Transform } from '../../optim/transform.ts';
import { TensorFlowError } from '../../runtime/errors.ts';
import { tensorflow } from '../../runtime/start.ts';
import type { BatchLoss, OwnReason, Shared, SharedStep } from '../../training/exchange.ts';
import type { Tree } from '../../tree.ts';
import { RecordedUpdate } from './recorded-update.ts';
import { SharedGradient } from './shared-gradient.ts';

/** What this worker tells the others with a step. */
export interface OwnNotes {
  /** Why it wants to end, if it does. */
  readonly reason: OwnReason | undefined;
  /** Whether it has compiled its optimiser. */
  readonly isCompiled: boolean;
}

/** Computes one step with a recorded gradient; undefined where there is nobody to share it with. */
export type ComputeShared<P extends Tree> = (
  gradient: SharedGradient<P>,
  params: P,
  batch: Examples,
  own: OwnNotes
) => Promise<Shared> | undefined;

/**
 * Steps whose collective operations are part of one recorded function, and whose optimiser becomes one, until either turns out not to be
 * recordable: then, after a warning, each worker computes by itself, or the optimiser operation by operation.
 * @param loss The loss of a batch.
 * @param optimizer Turns gradients into updates.
 * @param compute Computes one step's gradient.
 * @param bucketBytes Bytes of gradients that travel together.
 * @returns The steps.
 */
export function stepOf<P extends Tree>(
  loss: BatchLoss<P>,
  optimizer: Transform,
  compute: ComputeShared<P>,
  bucketBytes?: number
): SharedStep<P> {
  let gradient: SharedGradient<P> | undefined;
  let update: RecordedUpdate | undefined;
  let isAgreed = false;
  const refused = { gradient: false, update: false };
  return {
    compute: async (params, batch, reason) => {
      if (refused.gradient) return undefined;
      try {
        gradient ??= new SharedGradient(tensorflow(), loss, bucketBytes);
        const own = { reason, isCompiled: update?.isCompiled ?? false };
        const shared = await compute(gradient, params, batch, own);
        isAgreed = shared?.isCompiled ?? false;
        return shared;
      } catch (error) {
        const how = loss.isShared ? ', and batch normalisation sees only its own examples' : '';
        refused.gradient = warn(error, `Each worker computes its gradient by itself${how}`);
        return undefined;
      }
    },
    update: (mean, from, step) => {
      if (!gradient || refused.gradient || refused.update) return undefined;
      try {
        update ??= new RecordedUpdate(optimizer);
        return update.take(mean, from, step, isAgreed);
      } catch (error) {
        refused.update = warn(error, 'The optimiser runs operation by operation');
        return undefined;
      }
    },
    dispose: () => {
      gradient?.dispose();
      update?.dispose();
    }
  };
}

/** Says what happens instead when something cannot be recorded; any other error is thrown. */
function warn(error: unknown, instead: string): true {
  if (!isNotRecorded(error)) throw error;
  console.warn(`${instead}: ${error.message}`);
  return true;
}

/** A shape error may hide what could not be recorded. Without TensorFlow nothing can. */
function isNotRecorded(error: unknown): error is Error {
  if (error instanceof TensorFlowError) return /^jit\/|not-started$/.test(error.code);
  return error instanceof HelperError && isNotRecorded(error.cause);
}
