// Trains a Layers model with batch normalisation together with the other workers.
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import { data, distributed, fit, io, optim, training, useTensorFlow } from 'kernel-helpers';

const say = (message: object): void => console.log(JSON.stringify(message));

await useTensorFlow({ fallback: 'none' });
const workers = await distributed.multiWorker({ formSeconds: 60, timeoutSeconds: 20 });
const draw = data.random(1);
// Pictures whose channels differ in mean and size, so that a part of a batch has other statistics than the whole.
const pictures = Float32Array.from(
  { length: 40 * 6 * 6 * 2 },
  (_, i) => (1 + (i % 2) * 3) * draw.normal() + Math.floor(i / 72) / 10
);
const inputs = tf.tensor4d(pictures, [40, 6, 6, 2]);
const targets = tf.tensor2d(
  Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)),
  [40, 1]
);
const seeded = (seed: number) => tf.initializers.heNormal({ seed });
const model = tf.sequential({
  layers: [
    tf.layers.conv2d({
      inputShape: [6, 6, 2],
      filters: 4,
      kernelSize: 3,
      kernelInitializer: seeded(1)
    }),
    tf.layers.batchNormalization(),
    tf.layers.flatten(),
    tf.layers.dense({ units: 5, activation: 'tanh', kernelInitializer: seeded(2) }),
    tf.layers.batchNormalization({ momentum: 0.9, scale: true }),
    tf.layers.dense({ units: 1, kernelInitializer: seeded(3) })
  ]
});
// The last batch of an epoch has fewer examples than there are workers.
const { losses, steps } = await fit(
  model,
  { inputs, targets },
  {
    loss: training.meanSquaredError,
    optimizer: optim.sgd(0.05),
    batchSize: 13,
    seed: 3,
    steps: 30,
    workers: distributed.together(workers)
  }
);
const weights = Object.fromEntries(model.weights.map((weight, i) => [i, weight.read()]));
const bytes = io.encodeTree(weights);
say({
  steps,
  losses,
  sums: workers.group.traffic.operations,
  params: createHash('sha256').update(bytes).digest('hex'),
  values: Buffer.from(bytes).toString('base64'),
  predictions: [...(model.predict(inputs) as tf.Tensor).dataSync()]
});
await workers.close();
