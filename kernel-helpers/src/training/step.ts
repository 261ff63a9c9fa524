import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../errors.ts';
import type { Estimate, Estimator, Loss } from '../estimators/estimator.ts';
import { step } from '../optim/step.ts';
import type { Context, Evaluation, Transform } from '../optim/transform.ts';
import { tidy } from '../tidy.ts';
import { release, type State, type Tree } from '../tree.ts';

/** Where a run stands. */
export interface Position<P extends Tree> {
  /** The parameters. */
  readonly params: P;
  /** The optimiser's state. */
  readonly state: State;
}

/** A position, and the loss at the one before it. */
export interface Stepped<P extends Tree> extends Position<P> {
  /** Loss at the parameters that the step started from. */
  readonly loss: number;
}

/**
 * Takes one step of an optimiser.
 * @param optimizer Turns the gradient into updates.
 * @param estimator Gets the gradient of the loss.
 * @param loss The loss of this step, for one batch.
 * @param from Where to start; its tensors are not disposed of.
 * @returns The new position, whose tensors belong to the caller, and the loss at the old one.
 * @throws HelperError `training/diverged` when the loss is NaN or infinite.
 */
export function takeStep<P extends Tree>(
  optimizer: Transform,
  estimator: Estimator,
  loss: Loss<P>,
  from: Position<P>
): Stepped<P> {
  let value = NaN;
  const next = tidy(() => {
    const { loss: at, gradient } = estimator(loss, from.params);
    value = finiteLoss(at);
    const context: Context = {
      loss: value,
      gradient,
      lossAt: params => tf.tidy(() => loss(params as P).dataSync()[0] ?? NaN),
      evaluateAt: params => evaluate(estimator(loss, params as P))
    };
    return step(optimizer, gradient, from, context);
  });
  return { ...next, loss: value };
}

/**
 * Frees what a step replaced.
 * @param old The position before, made by an earlier step.
 * @param next The position after.
 * @param kept What must live on besides, such as the parameters the caller brought.
 */
export function releasePosition<P extends Tree>(
  old: Position<P>,
  next: Position<P>,
  ...kept: Tree[]
): void {
  release([old.params, old.state], next.params, next.state, ...kept);
}

/**
 * Reads a loss.
 * @param loss A scalar tensor.
 * @returns Its value.
 * @throws HelperError `training/diverged` when it is NaN or infinite.
 */
export function finiteLoss(loss: tf.Scalar): number {
  return finiteNumber(loss.dataSync()[0] ?? NaN);
}

/**
 * Passes a loss that a run can go on from.
 * @param value The loss.
 * @returns It.
 * @throws HelperError `training/diverged` when it is NaN or infinite.
 */
export function finiteNumber(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new HelperError(
    'training/diverged',
    `expected a finite loss, got ${value}; lower the learning rate, clip the gradient, or look for a division by 0 in the loss and a target that is no class`
  );
}

function evaluate<P extends Tree>({ loss, gradient }: Estimate<P>): Evaluation {
  return { loss: loss.dataSync()[0] ?? NaN, gradient };
}
