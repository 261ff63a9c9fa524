import type { Scalar } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { zerosLike } from '../optim/transform.ts';
import type { Tree } from '../tree.ts';

/** A loss to minimise: a pure function of the parameters that returns a scalar tensor. */
export type Loss<P extends Tree> = (params: P) => Scalar;

/** The loss and an estimate of its gradient; both belong to the receiver. */
export interface Estimate<P extends Tree> {
  /** Value of the loss, of shape []. */
  readonly loss: Scalar;
  /** Gradient, of the parameters' structure and shapes, in loss per unit of parameter. */
  readonly gradient: P;
  /** How many examples both are means over: this worker's weight among others. @default 1 */
  readonly examples?: number;
}

/**
 * A way to get a gradient from a loss. `step` numbers the steps from 0 where several workers must agree on them: those that draw examples
 * draw the same ones for the same number.
 */
export type Estimator = <P extends Tree>(loss: Loss<P>, params: P, step?: number) => Estimate<P>;

/**
 * What a worker brings that has no examples of its own: nothing, with weight 0.
 * @param params The parameters.
 * @returns A loss and a gradient of zeros.
 */
export function noEstimate<P extends Tree>(params: P): Estimate<P> {
  return { loss: tf.scalar(0), gradient: zerosLike(params), examples: 0 };
}
