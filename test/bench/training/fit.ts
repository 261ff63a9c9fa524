import * as tf from '@tensorflow/tfjs';
import { compileStep, type CompiledStep } from '../../../kernel-helpers/src/jit/index.ts';
import { batchOf, models } from './models.ts';
import { settlingCalls } from './ours.ts';
import type { Run, Task } from './child.ts';

const { layers } = tf;
const relu = { activation: 'relu' } as const;

const stacks: Readonly<Record<string, () => tf.layers.Layer[]>> = {
  mlp: () => [
    layers.dense({ inputShape: [784], units: 300, ...relu }),
    layers.dense({ units: 100, ...relu }),
    layers.dense({ units: 10 })
  ],
  lenet: () => [
    layers.conv2d({ inputShape: [28, 28, 1], filters: 6, kernelSize: 5, padding: 'same', ...relu }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 16, kernelSize: 5, ...relu }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 120, ...relu }),
    layers.dense({ units: 84, ...relu }),
    layers.dense({ units: 10 })
  ],
  lstm: () => [
    // Keras' gates, where TensorFlow.js has hard ones unless told otherwise.
    layers.lstm({
      inputShape: [28, 28],
      units: 64,
      recurrentActivation: 'sigmoid',
      recurrentInitializer: 'glorotUniform'
    }),
    layers.dense({ units: 10 })
  ]
};

/** Models that `fit` can be compared for. */
export const fitModels = Object.keys(stacks);

/** Our side of Keras' `fit`: a layers model through `compileStep`, the loss of each batch read by a callback. */
export class FitSide {
  readonly #model: tf.Sequential;
  readonly #x: tf.Tensor;
  readonly #y: tf.Tensor;
  readonly #batch: number;
  readonly #compiled: CompiledStep;

  constructor(task: Task) {
    this.#model = tf.sequential({ layers: stacks[task.model]!() });
    this.#model.compile({
      optimizer: tf.train.adam(0.001),
      loss: (y, logits) => tf.losses.softmaxCrossEntropy(y, logits)
    });
    this.#compiled = compileStep(this.#model);
    this.#batch = task.batch;
    const { x, y } = batchOf(models[task.model]!, task.batch);
    [this.#x, this.#y] = [x, y];
  }

  async run(steps: number): Promise<Run> {
    const [x, y] = [this.#x, this.#y].map(tensor =>
      tf.tidy(() => tf.concat(Array<tf.Tensor>(steps).fill(tensor)))
    ) as [tf.Tensor, tf.Tensor];
    let loss = 0;
    const onBatchEnd = (_: number, logs?: tf.Logs): void => void (loss = logs!.loss!);
    const started = performance.now();
    await this.#model.fit(x, y, {
      batchSize: this.#batch,
      shuffle: false,
      verbose: 0,
      callbacks: { onBatchEnd }
    });
    const ms = performance.now() - started;
    tf.dispose([x, y]);
    return { ms, loss };
  }

  /** Waits until XLA has compiled the step and the quicker way is known. */
  async settle(): Promise<void> {
    await this.#compiled.ready();
    await this.run(settlingCalls);
  }

  close(): void {
    this.#model.dispose();
    tf.dispose([this.#x, this.#y]);
  }
}
