import type { Scalar } from '@tensorflow/tfjs';
import type { Examples } from '../data/batches.ts';
import { noEstimate, type Estimator, type Loss } from '../estimators/estimator.ts';
import { step } from '../optim/step.ts';
import type { Transform } from '../optim/transform.ts';
import { tidy } from '../tidy.ts';
import { release, type State, type Tree } from '../tree.ts';
import type { Moments, SumOverWorkers } from './batch-statistics.ts';
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

/** The loss of a batch of which other workers have other parts. */
export interface BatchLoss<P extends Tree> {
  /**
   * Computes the mean loss over this worker's examples, 0 without any; statistics of the batch that it needs are added over all workers
   * by `sum`.
   */
  readonly compute: (
    params: P,
    batch: Examples,
    sum: SumOverWorkers
  ) => { loss: Scalar; moments: readonly Moments[] };
  /** Whether it adds such statistics, so that a worker without examples must take part. */
  readonly isShared: boolean;
}

/** Computes loss and gradient of shared batches together with the other workers, as one function. */
export interface SharedStep<P extends Tree> {
  /**
   * Computes one step.
   * @returns Undefined when the loss cannot be computed that way: then each worker computes its part, and `average` follows.
   */
  readonly compute: (
    params: P,
    batch: Examples,
    reason: OwnReason | undefined
  ) => Promise<Shared | undefined>;
  /**
   * Takes the optimiser's step along the mean gradient.
   * @returns Undefined while, or where, that is not one function: then the optimiser takes it operation by operation.
   */
  readonly update: (gradient: Tree, from: Position<P>, step: number) => Position<P> | undefined;
  /** Frees what it holds. */
  readonly dispose: () => void;
}

/** What all workers brought, the same on each. */
export interface Shared {
  /** Mean loss over all examples. */
  readonly loss: number;
  /** Its gradient; belongs to the receiver. */
  readonly gradient: Tree;
  /** Mean and variance of the whole batch at each batch normalisation, where they were computed; they belong to the receiver. */
  readonly moments?: readonly Moments[];
  /** Why somebody wants to end. */
  readonly reason?: OwnReason;
  /** Whether a worker waits to be taken in. */
  readonly hasNewcomer: boolean;
  /** Whether all have compiled their optimisers, on processors of one kind. */
  readonly isCompiled?: boolean;
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
  /** Prepares steps that the workers compute as one function; undefined where this exchange only averages. */
  readonly stepOf?:
    (<P extends Tree>(loss: BatchLoss<P>, optimizer: Transform) => SharedStep<P>) | undefined;
  /** Averages what workers reached on their own, equally weighted; the tensors of the result belong to the receiver. */
  meet(reached: Reached): Promise<Met>;
  /** Gives every worker the bytes of the one that is farthest, and says how far that is. */
  farthest(step: number, bytes: Uint8Array): Promise<{ step: number; bytes: Uint8Array }>;
  /** Forms the group anew: to take newcomers in, or after an error that allows it; any other error is thrown again. */
  recover(error?: Error): Promise<void>;
}

/** A step, unless somebody wanted to end before it. */
export type StepTaken<P extends Tree> =
  { readonly next: Stepped<P>; readonly hasNewcomer: boolean } | { readonly reason: OwnReason };

/** What a shared step is made of. */
export interface SharedParts<P extends Tree> {
  readonly optimizer: Transform;
  readonly estimator: Estimator;
  /** The loss over this worker's examples. */
  readonly loss: Loss<P>;
  readonly exchange: Exchange;
  readonly examples: number;
  readonly reason?: OwnReason | undefined;
  /** Computes loss and gradient as one function with the others; undefined where that is not possible. */
  readonly together?: (() => Promise<Shared | undefined>) | undefined;
  /** Takes the optimiser's step as one function; undefined where that is not possible. */
  readonly update?: ((gradient: Tree, from: Position<P>) => Position<P> | undefined) | undefined;
  /** Takes note of the whole batch's moments, once a step is taken. */
  readonly advance?: ((moments: readonly Moments[]) => void) | undefined;
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
): Promise<StepTaken<P>> {
  const { optimizer, advance } = parts;
  const shared = (await parts.together?.()) ?? (await averageOwn(parts, from));
  const { gradient, loss, moments = [], hasNewcomer } = shared;
  try {
    if (shared.reason) return { reason: shared.reason };
    finiteNumber(loss);
    const next = parts.update?.(gradient, from) ?? step(optimizer, gradient, from);
    advance?.(moments);
    return { next: { ...next, loss }, hasNewcomer };
  } finally {
    release(gradient);
    for (const { mean, variance } of moments) release([mean, variance]);
  }
}

/** Computes this worker's part, then averages. */
async function averageOwn<P extends Tree>(
  { estimator, loss, exchange, examples, reason }: SharedParts<P>,
  { params }: Position<P>
): Promise<Shared> {
  const own = tidy(() => (examples > 0 ? estimator(loss, params) : noEstimate(params)));
  try {
    const value = (await own.loss.data())[0] ?? NaN;
    const weight = own.examples ?? examples;
    const share = { loss: value, gradient: own.gradient, examples: weight };
    return await exchange.average({ ...share, ...(reason && { reason }) });
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
): Promise<StepTaken<P>> {
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
