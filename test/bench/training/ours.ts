import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../kernel-helpers/src/jit/index.ts';
import { batchOf, firstParameters, models } from './models.ts';
import type { Run, Task } from './child.ts';

/** Calls in which `jit` finds out whether XLA or TensorFlow's own kernels are quicker, and some more. */
export const settlingCalls = 12;

/** Our side: one step through `jit`, its loss read each time. */
export class OurSide {
  readonly #step: () => tf.Tensor;
  readonly #forget: () => void;
  readonly #ready: () => Promise<void>;
  readonly #held: tf.Tensor[];

  constructor(task: Task, how: 'compiled' | 'eagerly' = 'compiled') {
    const model = models[task.model]!;
    const parameters = firstParameters(model).map((values, i) =>
      tf.variable(tf.tensor(values, model.shapes[i] as number[]))
    );
    const { x, y } = batchOf(model, task.batch);
    this.#held = [...parameters, x, y];
    const forward = (): tf.Tensor => tf.sum(model.logits(parameters, x));
    const optimizer = optimizers[task.optimizer]();
    const train = (): tf.Tensor =>
      optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(y, model.logits(parameters, x)),
        true,
        parameters
      )!;
    const step = task.train ? train : forward;
    if (how === 'eagerly') {
      this.#step = () => tf.tidy(step);
      this.#forget = () => undefined;
      this.#ready = () => Promise.resolve();
    } else {
      const compiled = jit(step, { name: task.model, compile: 'background' });
      this.#step = compiled;
      this.#forget = () => compiled.dispose();
      this.#ready = () => compiled.ready();
    }
  }

  run(steps: number): Run {
    const started = performance.now();
    let loss = 0;
    for (let i = 0; i < steps; i++) {
      const result = this.#step();
      loss = result.dataSync()[0]!;
      result.dispose();
    }
    return { ms: performance.now() - started, loss };
  }

  /** Waits until XLA has compiled the step and the quicker way is known; the first step was taken before. */
  async settle(): Promise<void> {
    await this.#ready();
    this.run(settlingCalls);
  }

  close(): void {
    this.#forget();
    tf.dispose(this.#held);
  }
}

const optimizers = {
  sgd: () => tf.train.sgd(0.01),
  momentum: () => tf.train.momentum(0.01, 0.9),
  adam: () => tf.train.adam(0.001)
};
