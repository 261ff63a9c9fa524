import * as tf from '@tensorflow/tfjs';
import { trainStep, type TrainStep } from '../../jit/train-step.ts';
import type { Transform } from '../../optim/transform.ts';
import type { Position } from '../../training/step.ts';
import { leaves, type Tree } from '../../tree.ts';

/** Steps after which recording the optimiser pays off. All workers change over at the same step, so that they stay equal. */
const firstSteps = 10;

/**
 * An optimiser's step along gradients at hand, as one function. It is not compiled: XLA would take seconds, and make the step little faster
 * beside the exchange.
 */
export class RecordedUpdate {
  readonly #optimizer: Transform;
  #step: TrainStep<Tree, [Tree]> | undefined;

  /**
   * Records nothing yet.
   * @param optimizer The optimiser.
   */
  constructor(optimizer: Transform) {
    this.#optimizer = optimizer;
  }

  /**
   * Takes a step.
   * @param gradient The gradient; not disposed of.
   * @param from Where to start; not disposed of.
   * @param step Steps taken so far, the same on all workers.
   * @returns The next position, which belongs to the caller; undefined while the run is young.
   * @throws TensorFlowError `jit/*` for an optimiser that cannot be recorded.
   */
  take<P extends Tree>(gradient: Tree, from: Position<P>, step: number): Position<P> | undefined {
    if (step < firstSteps) return undefined;
    this.#step ??= trainStep(this.#optimizer, along, { name: 'update', compile: 'never' });
    const { loss, ...next } = this.#step({ ...from }, gradient);
    loss.dispose();
    return next as unknown as Position<P>;
  }

  /** Takes the function out of TensorFlow. */
  dispose(): void {
    this.#step?.dispose();
  }
}

/** A loss whose gradient is the one at hand; nobody looks at its value. */
function along(params: Tree, gradient: Tree): tf.Scalar {
  const parts = leaves(gradient);
  const loss = tf.customGrad(() => ({
    value: tf.scalar(0),
    gradFunc: () => parts.map(part => tf.clone(part))
  }));
  return loss(...leaves(params));
}
