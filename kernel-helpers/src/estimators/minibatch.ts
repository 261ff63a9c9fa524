import type { Scalar } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkFunction } from '../errors.ts';
import { batches, type BatchOptions, type Examples, type Shard } from '../data/batches.ts';
import type { Tree } from '../tree.ts';
import { autodiff } from './autodiff.ts';
import { noEstimate, type Estimator, type Loss } from './estimator.ts';

/** A loss over all examples, and an estimator that looks at one batch a step. */
export interface Minibatch<P extends Tree> {
  /** Mean loss over all examples. */
  readonly loss: Loss<P>;
  /** Estimates loss and gradient from the next batch; a run of its own for each estimator. */
  readonly estimator: Estimator;
}

/** How an estimator looks at batches. */
export interface MinibatchOptions extends BatchOptions {
  /** How to differentiate. @default autodiff() */
  estimator?: Estimator;
  /** Workers that share each batch, from `distributed.together`: every one looks at its part. @default this process alone */
  workers?: Shard;
}

/**
 * Estimates the gradient over many examples from a few: unbiased when the loss is a mean over examples.
 * @param loss Mean loss of a batch.
 * @param examples All examples; with workers, all of them on every one.
 * @param options Batch size, seed, how to differentiate, and who shares the batches.
 * @returns What to pass to gradientDescent: the loss, and the estimator as its option.
 * @throws HelperError `input/empty` or `input/shape` for examples that do not fit.
 * @example
 * const { loss, estimator } = minibatch(mse, { inputs, targets }, { batchSize: 16 });
 * await gradientDescent(loss, theta, { estimator });
 * @see Robbins and Monro 1951, "A stochastic approximation method"
 */
export function minibatch<P extends Tree>(
  loss: (params: P, batch: Examples) => Scalar,
  examples: Examples,
  options: MinibatchOptions = {}
): Minibatch<P> {
  checkFunction('the loss', loss, 'pass (params, { inputs, targets }) => a scalar tensor');
  const { at } = batches(examples, options);
  const inner = options.estimator ?? autodiff();
  let next = 0;
  const estimator: Estimator = (_, params, step = next++) => {
    const batch = at(step, options.workers);
    const ofBatch = (theta: typeof params): Scalar => loss(theta as unknown as P, batch);
    const count = batch.inputs.shape[0] ?? 0;
    const estimate = count > 0 ? inner(ofBatch, params) : noEstimate(params);
    tf.dispose([batch.inputs, batch.targets]);
    return { ...estimate, examples: count };
  };
  return { loss: params => loss(params, examples), estimator };
}
