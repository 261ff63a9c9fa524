import type { Scalar } from '@tensorflow/tfjs';
import type { Transform } from '../optim/transform.ts';
import type { State, Tree } from '../tree.ts';
import type { CompileReport } from './compiled.ts';
import type { JitOptions } from './jitted.ts';
import { Steps } from './steps.ts';

/** Where a training run stands: its parameters and its optimiser's state. */
export interface TrainPosition<P extends Tree> {
  params: P;
  state: State;
}

/** The loss of parameters on one batch, a scalar. */
export type BatchLoss<P extends Tree, A extends unknown[]> = (params: P, ...inputs: A) => Scalar;

/** A training step that runs as one TensorFlow function. */
export interface TrainStep<P extends Tree, A extends unknown[]> {
  /** Takes one step; the new position and the loss at the old one are the caller's to dispose of. */
  (position: TrainPosition<P>, ...inputs: A): TrainPosition<P> & { loss: Scalar };
  /** What was recorded and compiled, when, and how long it took. */
  report(): CompileReport[];
  /** Forgets all recordings. */
  dispose(): void;
}

/**
 * Makes a training step of an optimiser run as one compiled function. All numbers that the optimiser computes in JavaScript, such as the
 * learning rate of a schedule or Adam's corrections, are inputs of the function: the step count does not lead to another recording.
 * @param optimizer A transform or a chain of them that works on gradients alone, without looking at the loss.
 * @param loss The loss to descend.
 * @param options As for `jit`; `watch` and `capacity` have no use here, and `background` compiles at once.
 * @returns Takes a position and a batch. The tensors of a position are left as they are, but variables (see `inVariables`) are written.
 * @throws TensorFlowError as `jit`; HelperError as the optimiser.
 * @example
 * const optimizer = chain(clipByGlobalNorm(1), scaleByAdam(), scaleByLearningRate(cosine(1e-3, 1000)));
 * const step = trainStep(optimizer, (params, x, y) => loss(model(params, x), y));
 * let position = { params, state: optimizer.init(params) };
 * position = step(position, x, y);
 */
export function trainStep<P extends Tree, A extends unknown[]>(
  optimizer: Transform,
  loss: BatchLoss<P, A>,
  options: JitOptions = {}
): TrainStep<P, A> {
  const steps = new Steps(optimizer, loss as BatchLoss<Tree, unknown[]>, options);
  return Object.assign((position: TrainPosition<P>, ...inputs: A) => steps.take(position, inputs), {
    report: () => steps.report(),
    dispose: () => steps.clear()
  });
}
