import type { Examples } from '../../data/batches.ts';
import { HelperError } from '../../errors.ts';
import { TensorFlowError } from '../../runtime/errors.ts';
import { tensorflow } from '../../runtime/start.ts';
import type { BatchLoss, OwnReason, Shared, SharedStep } from '../../training/exchange.ts';
import type { Tree } from '../../tree.ts';
import { SharedGradient } from './shared-gradient.ts';

/** Computes one step with a recorded gradient; undefined where there is nobody to share it with. */
export type ComputeShared<P extends Tree> = (
  gradient: SharedGradient<P>,
  params: P,
  batch: Examples,
  reason: OwnReason | undefined
) => Promise<Shared> | undefined;

/**
 * Steps whose collective operations are part of one recorded function, until the loss turns out not to be recordable: then, after a
 * warning, each worker computes by itself.
 * @param loss The loss of a batch.
 * @param compute Computes one step.
 * @returns The steps.
 */
export function stepOf<P extends Tree>(
  loss: BatchLoss<P>,
  compute: ComputeShared<P>
): SharedStep<P> {
  let gradient: SharedGradient<P> | undefined;
  let isRefused = false;
  return {
    compute: async (params, batch, reason) => {
      if (isRefused) return undefined;
      try {
        gradient ??= new SharedGradient(tensorflow(), loss);
        return await compute(gradient, params, batch, reason);
      } catch (error) {
        if (!isNotRecorded(error)) throw error;
        isRefused = true;
        const how = loss.isShared ? ', and batch normalisation sees only its own examples' : '';
        console.warn(`Each worker computes its gradient by itself${how}: ${error.message}`);
        return undefined;
      }
    },
    dispose: () => gradient?.dispose()
  };
}

/** A shape error may hide what could not be recorded. Without TensorFlow nothing can. */
function isNotRecorded(error: unknown): error is Error {
  if (error instanceof TensorFlowError) return /^jit\/|not-started$/.test(error.code);
  return error instanceof HelperError && isNotRecorded(error.cause);
}
