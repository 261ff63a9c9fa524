// Trains a small network with the other workers.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import {
  data,
  distributed,
  estimators,
  fit,
  gradientDescent,
  io,
  models,
  optim,
  training,
  useTensorFlow
} from 'kernel-helpers';

const say = (message: object): void => console.log(JSON.stringify(message));
const {
  STEPS = '100',
  WIDTH = '32',
  SEED = '1',
  PAUSE_MS = '0',
  WAY = '',
  LOCAL_STEPS = '1',
  LAST_GROUP = 'Infinity',
  CHECKPOINT
} = process.env;
const enough = new AbortController();
let lastSteps = 0;
const { compression: ways } = distributed;
const compression = { topK: ways.topK(0.1), signs: ways.signs(), powerSgd: ways.powerSgd() }[WAY];

await useTensorFlow({ fallback: 'none' });
const workers = await distributed.multiWorker({ formSeconds: 60, timeoutSeconds: 20 });
say({ formed: workers.group.size });
const network = models.mlp([1, Number(WIDTH), 1], { seed: Number(SEED), activation: 'tanh' });
/** A loss that can be recorded and not computed: it asks for an example that is not there. */
const failing = (targets: tf.Tensor, predictions: tf.Tensor): tf.Tensor =>
  tf.add(
    training.meanSquaredError(targets, predictions),
    tf.sum(tf.gather(predictions, tf.tensor1d([10_000], 'int32')))
  );
const run = await fit(network, data.sineRegression({ examples: 128, seed: 1 }), {
  loss: process.env.FAULT === 'step' ? failing : training.meanSquaredError,
  optimizer: optim.adam(0.01),
  batchSize: 30,
  seed: 3,
  steps: Number(STEPS),
  ...(CHECKPOINT && {
    checkpoint: { every: 10, save: ({ bytes }) => writeFileSync(CHECKPOINT, bytes) }
  }),
  workers: distributed.together(workers, { compression, localSteps: Number(LOCAL_STEPS) }),
  signal: enough.signal,
  onProgress: ({ step }) => {
    say({ step, size: workers.group.size });
    if (workers.group.generation >= Number(LAST_GROUP) && ++lastSteps === 20) enough.abort();
    if (PAUSE_MS !== '0')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(PAUSE_MS));
  }
}).catch((error: { code?: string }) => {
  say({ failed: error.code });
  throw error;
});
const bytes = io.encodeTree(run.params);
say({
  steps: run.steps,
  size: workers.group.size,
  generation: workers.group.generation,
  losses: run.losses,
  sentBytes: workers.group.traffic.sentBytes,
  params: createHash('sha256').update(bytes).digest('hex'),
  values: Buffer.from(bytes).toString('base64')
});
if (process.env.DESCENT) say({ descent: await descend() });
await workers.close();

/** Polynomial regression by gradient descent, on batches of seven examples that the workers share. */
async function descend(): Promise<object> {
  const { inputs, targets } = data.sineRegression({ examples: 36, seed: 2 });
  const exchange = distributed.together(workers);
  const features = tf.concat([tf.onesLike(inputs), inputs, tf.square(inputs)], 1);
  const { loss, estimator } = estimators.minibatch(
    (theta: tf.Tensor, batch) =>
      tf.mean(tf.squaredDifference(tf.matMul(batch.inputs, theta as tf.Tensor2D), batch.targets)),
    { inputs: features, targets },
    { batchSize: 7, seed: 5, workers: exchange }
  );
  // Each worker starts elsewhere: all take the first one's start.
  const start = tf.fill([3, 1], Number(SEED));
  const { theta, losses } = await gradientDescent(loss, start, {
    optimizer: optim.adam(0.05),
    estimator,
    workers: exchange,
    steps: 100
  });
  return { theta: [...theta.dataSync()], losses };
}
