import * as tf from '@tensorflow/tfjs';
import type { Estimator, Loss } from '../estimators/estimator.ts';
import { step } from '../optim/step.ts';
import { zerosLike, type Transform } from '../optim/transform.ts';
import { tidy } from '../tidy.ts';
import { release, type State, type Tree } from '../tree.ts';
import { finiteNumber, takeStep, type Position, type Stepped } from './step.ts';

/** Rules that one worker's clock, meter or user applies: all workers must end by them together. */
export const ownReasons = ['seconds', 'joules', 'aborted'] as const;

/** Which of `ownReasons` apply. */
export type OwnReason = (typeof ownReasons)[number];

/** What one worker brings to a step. */
export interface Share {
  /** Mean loss over its examples. */
  readonly loss: number;
  /** The gradient of that loss; not disposed of. */
  readonly gradient: Tree;
  /** How many examples that were: the weight of loss and gradient. */
  readonly examples: number;
  /** Why this worker wants to end, if it does. */
  readonly reason?: OwnReason;
}

/** What all workers brought, the same on each. */
export interface Shared {
  /** Mean loss over all examples. */
  readonly loss: number;
  /** Its gradient; belongs to the receiver. */
  readonly gradient: Tree;
  /** Why somebody wants to end. */
  readonly reason?: OwnReason;
  /** Whether a worker waits to be taken in. */
  readonly hasNewcomer: boolean;
}

/** Where a worker is after steps of its own. */
export interface Reached {
  /** Parameters and optimiser state; not disposed of. */
  readonly position: State;
  /** Loss of its last step. */
  readonly loss: number;
  /** Why this worker wants to end, if it does. */
  readonly reason?: OwnReason;
}

/** The mean of what all workers reached, the same on each. */
export interface Met {
  readonly position: State;
  readonly loss: number;
  readonly reason?: OwnReason;
  readonly hasNewcomer: boolean;
}

/** Workers that train one model together, as `fit` sees them. */
export interface Exchange {
  /** This worker's number, from 0. */
  readonly rank: number;
  /** How many workers there are now. */
  readonly size: number;
  /** Steps that each worker takes on its own between two averages; 1 averages gradients in every step. */
  readonly localSteps: number;
  /** Averages losses and gradients over the workers, weighted by their examples. */
  average(share: Share): Promise<Shared>;
  /** Averages what workers reached on their own, equally weighted; the tensors of the result belong to the receiver. */
  meet(reached: Reached): Promise<Met>;
  /** Gives every worker the bytes of the one that is farthest, and says how far that is. */
  farthest(step: number, bytes: Uint8Array): Promise<{ step: number; bytes: Uint8Array }>;
  /** Forms the group anew: to take newcomers in, or after an error that allows it; any other error is thrown again. */
  recover(error?: Error): Promise<void>;
}

/** A step, unless somebody wanted to end before it. */
export type SharedStep<P extends Tree> =
  { readonly next: Stepped<P>; readonly hasNewcomer: boolean } | { readonly reason: OwnReason };

/** What a shared step is made of. */
export interface SharedParts<P extends Tree> {
  readonly optimizer: Transform;
  readonly estimator: Estimator;
  /** The loss over this worker's examples. */
  readonly loss: Loss<P>;
  readonly exchange: Exchange;
  readonly examples: number;
  readonly reason?: OwnReason;
}

/**
 * Takes one step together with other workers: every one computes the gradient of its examples, and all apply the same mean.
 * @param parts Optimiser, estimator, loss, and this worker's share. Optimisers that ask for the loss at other points are refused.
 * @param from Where to start; the same on all workers. Its tensors are not disposed of.
 * @returns The new position, the same on all workers bit for bit, and the mean loss at the old one.
 * @throws HelperError `training/diverged` on all workers when the mean loss is not finite, and what the exchange throws.
 */
export async function takeSharedStep<P extends Tree>(
  parts: SharedParts<P>,
  from: Position<P>
): Promise<SharedStep<P>> {
  const { optimizer, estimator, loss, exchange, examples, reason } = parts;
  const own = tidy(() => (examples > 0 ? estimator(loss, from.params) : nothing(from.params)));
  try {
    const share = { loss: (await own.loss.data())[0] ?? NaN, gradient: own.gradient, examples };
    const { gradient, ...shared } = await exchange.average({ ...share, ...(reason && { reason }) });
    try {
      if (shared.reason) return { reason: shared.reason };
      finiteNumber(shared.loss);
      const next = step(optimizer, gradient, from);
      return { next: { ...next, loss: shared.loss }, hasNewcomer: shared.hasNewcomer };
    } finally {
      release(gradient);
    }
  } finally {
    release([own.loss, own.gradient]);
  }
}

/**
 * Takes a step of this worker's own; at every `localSteps`-th, all workers go on from the mean of where they are.
 * @param parts Optimiser, estimator, loss, and this worker's share.
 * @param from Where to start; its tensors are not disposed of.
 * @param step Steps taken so far, the same on all workers.
 * @returns The new position, whose tensors belong to the caller.
 * @throws HelperError `training/diverged`, and what the exchange throws.
 * @see Stich 2019, arXiv:1805.09767
 */
export async function takeLocalStep<P extends Tree>(
  parts: SharedParts<P>,
  from: Position<P>,
  step: number
): Promise<SharedStep<P>> {
  const { optimizer, estimator, loss, exchange, reason } = parts;
  const own = takeStep(optimizer, estimator, loss, from);
  if ((step + 1) % exchange.localSteps !== 0) return { next: own, hasNewcomer: false };
  try {
    const position = { params: own.params, state: own.state } as unknown as State;
    const met = await exchange.meet({ position, loss: own.loss, ...(reason && { reason }) });
    const next = { ...(met.position as unknown as Position<P>), loss: met.loss };
    if (!met.reason) return { next, hasNewcomer: met.hasNewcomer };
    release([next.params, next.state]);
    return { reason: met.reason };
  } finally {
    release([own.params, own.state], [from.params, from.state]);
  }
}

/** What a worker without examples brings: nothing, with weight 0. */
function nothing<P extends Tree>(params: P): { loss: tf.Scalar; gradient: P } {
  return { loss: tf.scalar(0), gradient: zerosLike(params) };
}
