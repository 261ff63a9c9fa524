import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import {
  data,
  distributed,
  fit,
  models,
  optim,
  training,
  useTensorFlow,
  type FitOptions
} from 'kernel-helpers';
import { worst } from './worst.ts';

before(() => useTensorFlow({ device: 'cpu', fallback: 'none' }));

const options: FitOptions = {
  loss: training.meanSquaredError,
  optimizer: optim.adam(0.01),
  batchSize: 20,
  seed: 3,
  steps: 40
};
const examples = () => data.sineRegression({ examples: 62, seed: 1 });

/** A frozen layer, batch normalisation and a layer that learns, the same each time. */
function normalised(): tf.Sequential {
  const seeded = (seed: number) => tf.initializers.heNormal({ seed });
  return tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [1],
        units: 8,
        kernelInitializer: seeded(1),
        trainable: false
      }),
      tf.layers.batchNormalization({ momentum: 0.9 }),
      tf.layers.dense({ units: 1, kernelInitializer: seeded(2) })
    ]
  });
}

test('three devices of one process get the numbers of one, a last batch of two examples included', async () => {
  const devices = await distributed.mirrored({ kind: 'cpu', count: 3 });
  const network = models.mlp([1, 16, 1], { seed: 1, activation: 'tanh' });
  const given = examples();
  const one = await fit(network, given, options);
  const before = tf.memory().numTensors;
  const three = await fit(network, given, { ...options, workers: devices });
  assert.equal(three.losses.length, 40);
  assert.ok(worst(one.losses, three.losses) < 1e-5);
  assert.equal(tf.memory().numTensors, before + 4, 'the parameters are all that is left');
  await devices.close();
});

test('their batch normalisation sees the whole batch', async () => {
  const devices = await distributed.mirrored({ kind: 'cpu', count: 2 });
  const [one, two] = [normalised(), normalised()];
  // Adam would blow up the rounding errors in the gradient of a bias that the normalisation takes away again.
  const plain = { ...options, optimizer: optim.sgd(0.05) };
  const alone = await fit(one, examples(), plain);
  const together = await fit(two, examples(), { ...plain, workers: devices });
  assert.ok(worst(alone.losses, together.losses) < 1e-4);
  const values = (model: tf.LayersModel): number[] =>
    model.getWeights().flatMap(weight => [...weight.dataSync()]);
  assert.ok(worst(values(one), values(two)) < 1e-4);
  await devices.close();
});

test('a step that fails on one device fails, with the reason, and leaves no tensor', async () => {
  const devices = await distributed.mirrored({ kind: 'cpu', count: 2 });
  const network = models.mlp([1, 4, 1]);
  const given = examples();
  const before = tf.memory().numTensors;
  const failing = (targets: tf.Tensor, predictions: tf.Tensor): tf.Tensor =>
    tf.add(
      training.meanSquaredError(targets, predictions),
      tf.sum(tf.gather(predictions, tf.tensor1d([1000], 'int32')))
    );
  await assert.rejects(
    fit(network, given, { ...options, loss: failing, workers: devices }),
    /1000 is (not in|out of range)/
  );
  assert.equal(tf.memory().numTensors, before);
  await devices.close();
});

test('more devices than can wait for each other are refused, with the way out', async () => {
  await assert.rejects(distributed.mirrored({ kind: 'cpu', count: 99 }), {
    code: 'input/value',
    message: /at most 4 devices, got 99; set UV_THREADPOOL_SIZE=99/
  });
});
