import type { Scalar } from '@tensorflow/tfjs';
import type { Tree } from '../tree.ts';

/** A loss to minimise: a pure function of the parameters that returns a scalar tensor. */
export type Loss<P extends Tree> = (params: P) => Scalar;

/** The loss and an estimate of its gradient; both belong to the receiver. */
export interface Estimate<P extends Tree> {
  /** Value of the loss, of shape []. */
  readonly loss: Scalar;
  /** Gradient, of the parameters' structure and shapes, in loss per unit of parameter. */
  readonly gradient: P;
}

/** A way to get a gradient from a loss. */
export type Estimator = <P extends Tree>(loss: Loss<P>, params: P) => Estimate<P>;
