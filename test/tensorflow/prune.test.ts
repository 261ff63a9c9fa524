import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { compileStep, trainStep } from '../../kernel-helpers/src/jit/index.ts';
import { mlp } from '../../kernel-helpers/src/models/index.ts';
import { adam } from '../../kernel-helpers/src/optim/index.ts';
import * as prune from '../../kernel-helpers/src/prune/index.ts';
import { useTensorFlow } from '../../kernel-helpers/src/runtime/index.ts';
import { crossEntropy, layersNetwork } from '../../kernel-helpers/src/training/index.ts';

before(async () => void (await useTensorFlow({ fallback: 'none' })));

const zeros = (params: Parameters<typeof prune.sparsityReport>[0]): number =>
  prune.sparsityReport(params).zeros;

describe('masks in compiled steps', () => {
  it('hold in trainStep, and change without another compilation', () => {
    const network = mlp([6, 10, 3]);
    const { params } = network;
    const x = tf.randomNormal([8, 6], 0, 1, 'float32', 1);
    const y = tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], 'int32');
    const masks = prune.makeMasks(params, { sparsity: 0.5 });
    const optimizer = prune.masking(adam(0.01), masks);
    const step = trainStep(optimizer, (at: typeof params, x: tf.Tensor, y: tf.Tensor) =>
      crossEntropy(y, network.apply(at, x))
    );
    let position = { params, state: optimizer.init(params) };
    const take = (): number => {
      const { loss, ...next } = step(position, x, y);
      position = next;
      return loss.dataSync()[0]!;
    };
    const first = take();
    const biases = 13;
    assert.ok(zeros(position.params) >= 45 && zeros(position.params) < 45 + biases);
    for (let i = 0; i < 20; i++) take();
    assert.ok(take() < first);
    const compiled = step.report().length;
    const sparser = prune.makeMasks(position.params, { sparsity: 0.8, within: masks });
    position = prune.withMasks(position, sparser);
    for (let i = 0; i < 3; i++) take();
    assert.equal(prune.sparsityReport(position.params, sparser).layers[0]!.zeros, 48);
    assert.equal(step.report().length, compiled);
  });

  it('hold in fit of a compiled Layers model, and follow their schedule without another compilation', async () => {
    const layers = [
      tf.layers.dense({ units: 10, inputShape: [6], activation: 'relu' }),
      tf.layers.dense({ units: 3, activation: 'softmax' })
    ];
    const model = tf.sequential({ layers });
    const schedule = prune.polynomialDecay({ to: 0.8, end: 12, every: 4 });
    const pruning = prune.attach(model, { schedule });
    const loss = 'categoricalCrossentropy';
    model.compile({ optimizer: pruning.optimizer(tf.train.adam(0.01)), loss });
    const compiled = compileStep(model, { compile: 'now' });
    const x = tf.randomNormal([32, 6], 0, 1, 'float32', 1);
    const y = tf.oneHot(tf.range(0, 32, 1, 'int32').mod(tf.scalar(3, 'int32')), 3).toFloat();
    await model.fit(x, y, { batchSize: 8, epochs: 5, verbose: 0, callbacks: pruning.callbacks() });
    pruning.strip();
    assert.ok(zeros(layersNetwork(model).params) >= 72);
    assert.equal(compiled.report().length, 1);
    assert.equal(compiled.report()[0]!.mode, 'xla');
  });
});
