// A worker of our side, told on standard input what to time.
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs';
import { data, distributed, fit, models, optim, training, useTensorFlow } from 'kernel-helpers';
import type { Reducing, Training, Work } from './side.ts';

interface Done {
  readonly ms: number;
  readonly value: number;
}

await useTensorFlow({ fallback: 'none' });
const workers = await distributed.multiWorker({ timeoutSeconds: 120 });
const { group } = workers;
const networkOf = (hidden: readonly number[]) =>
  models.mlp([784, ...hidden, 10], { seed: 1, activation: 'relu' });
const { uniform } = data.random(2);
const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, uniform);
const classes = Int32Array.from({ length: 128 }, () => Math.floor(10 * uniform()));
const examples = {
  inputs: tf.tensor(numbers(128 * 784), [128, 784]),
  targets: tf.oneHot(tf.tensor1d(classes, 'int32'), 10).toFloat()
};

async function reduce({ count, times }: Reducing): Promise<Done> {
  const started = performance.now();
  const values = new Float32Array(count).fill(group.rank + 1);
  let total = values;
  for (let i = 0; i < times; i++) total = await group.allReduce(values);
  return { ms: performance.now() - started, value: total.at(-1)! };
}

/** Steps of `fit`, 64 examples on each of two workers in every one. */
async function train({ steps, warmUp, hidden, bucketBytes }: Training): Promise<Done> {
  let started = NaN;
  const { losses } = await fit(networkOf(hidden), examples, {
    loss: training.crossEntropy,
    optimizer: optim.adam(0.001),
    batchSize: 128,
    steps: warmUp + steps,
    workers: distributed.together(workers, { bucketBytes: bucketBytes ?? Infinity }),
    onProgress: ({ step }) => {
      if (step === warmUp) started = performance.now();
    }
  });
  return { ms: performance.now() - started, value: losses.at(-1)! };
}

for await (const line of createInterface({ input: process.stdin })) {
  const work = JSON.parse(line) as Work;
  console.log(JSON.stringify('steps' in work ? await train(work) : await reduce(work)));
}
await workers.close();
