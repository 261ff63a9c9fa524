// A worker of our side, told on standard input what to time.
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs';
import { data, distributed, fit, models, optim, training, useTensorFlow } from 'kernel-helpers';

await useTensorFlow({ fallback: 'none' });
const workers = await distributed.multiWorker({ timeoutSeconds: 120 });
const { group } = workers;
const network = models.mlp([784, 300, 100, 10], { seed: 1, activation: 'relu' });
const { uniform } = data.random(2);
const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, uniform);
const classes = Int32Array.from({ length: 128 }, () => Math.floor(10 * uniform()));
const examples = {
  inputs: tf.tensor(numbers(128 * 784), [128, 784]),
  targets: tf.oneHot(tf.tensor1d(classes, 'int32'), 10).toFloat()
};

async function reduce(count: number, times: number): Promise<{ ms: number; value: number }> {
  const started = performance.now();
  const values = new Float32Array(count).fill(group.rank + 1);
  let total = values;
  for (let i = 0; i < times; i++) total = await group.allReduce(values);
  return { ms: performance.now() - started, value: total.at(-1)! };
}

/** Steps in which `fit` records its functions, as Python's side did when it warmed up. */
const warmUp = 20;

/** Steps of `fit`, 64 examples on each of two workers in every one. */
async function train(steps: number): Promise<{ ms: number; value: number }> {
  let started = NaN;
  const { losses } = await fit(network, examples, {
    loss: training.crossEntropy,
    optimizer: optim.adam(0.001),
    batchSize: 128,
    steps: warmUp + steps,
    workers: distributed.together(workers),
    onProgress: ({ step }) => {
      if (step === warmUp) started = performance.now();
    }
  });
  return { ms: performance.now() - started, value: losses.at(-1)! };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { count, times, steps } = JSON.parse(line) as Record<string, number>;
  const done = count === undefined ? await train(steps ?? 1) : await reduce(count, times ?? 1);
  console.log(JSON.stringify(done));
}
await workers.close();
