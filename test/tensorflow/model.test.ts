import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { compileStep } from '../../kernel-helpers/src/jit/index.ts';
import { useTensorFlow } from '../../kernel-helpers/src/runtime/index.ts';
import { assertClose } from './close.ts';

before(async () => void (await useTensorFlow({ fallback: 'none' })));

const glorot = (seed: number) => tf.initializers.glorotUniform({ seed });

function dense(extra: tf.layers.Layer[] = []): tf.Sequential {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [12], units: 8, kernelInitializer: glorot(1) }),
      ...extra,
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(2) })
    ]
  });
  model.compile({
    optimizer: tf.train.adam(0.01),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy']
  });
  return model;
}

/** 20 examples: two batches of 8 and a smaller last one. */
function data(): { x: tf.Tensor; y: tf.Tensor } {
  const x = tf.randomUniform([20, 12], 0, 1, 'float32', 5);
  const y = tf.oneHot(tf.range(0, 20, 1, 'int32').mod(tf.scalar(3, 'int32')), 3).toFloat();
  return { x, y };
}

const fitting = { batchSize: 8, epochs: 2, shuffle: false, verbose: 0 as const };

describe('compileStep', () => {
  it('lets fit and evaluate give what they give without it', async () => {
    const { x, y } = data();
    const [plain, fast] = [dense(), dense()];
    const compiled = compileStep(fast);
    const expected = await plain.fit(x, y, fitting);
    const found = await fast.fit(x, y, fitting);
    found.history.loss!.forEach((loss, epoch) =>
      assert.ok(Math.abs(Number(loss) - Number(expected.history.loss![epoch])) < 1e-5)
    );
    assert.deepEqual(found.history.acc, expected.history.acc);
    assertClose(fast.getWeights(), plain.getWeights(), 1e-5);
    const scores = [fast, plain].map(
      model => model.evaluate(x, y, { batchSize: 8 }) as tf.Scalar[]
    );
    assertClose(scores[0]!, scores[1]!, 1e-5);
    assert.deepEqual(
      compiled.report().map(({ signature, calls }) => [signature.split(' ')[2], calls]),
      [
        ['float32[8,12]', 4],
        ['float32[8,12]', 2]
      ]
    );
  });

  for (const recurrentActivation of ['hardSigmoid', 'sigmoid'] as const) {
    it(`lets recurrent layers with ${recurrentActivation} give what they give without it`, async () => {
      const make = (): tf.Sequential => {
        const initializers = { kernelInitializer: glorot(1), recurrentInitializer: glorot(2) };
        const shared = { ...initializers, recurrentActivation };
        const model = tf.sequential({
          layers: [
            tf.layers.lstm({ inputShape: [4, 3], units: 5, returnSequences: true, ...shared }),
            tf.layers.lstm({ units: 3, goBackwards: true, useBias: false, ...shared })
          ]
        });
        model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
        return model;
      };
      const [plain, fast] = [make(), make()];
      for (let i = 0; i < 2; i++) compileStep(fast, { compile: 'never' });
      const { x: flat, y } = data();
      const x = tf.reshape(flat, [20, 4, 3]);
      // A batch that runs in parts, of unequal sizes.
      const [many, goals] = [tf.tile(x, [4, 1, 1]), tf.tile(y, [4, 1])];
      const whole = { ...fitting, batchSize: 67 };
      for (const model of [plain, fast]) {
        await model.fit(x, y, fitting);
        await model.fit(many, goals, whole);
      }
      assertClose(fast.getWeights(), plain.getWeights(), 1e-6);
      assertClose([fast.predict(many) as tf.Tensor], [plain.predict(many) as tf.Tensor], 1e-6);
    });
  }

  it('does not compile again for another fit', async () => {
    const { x, y } = data();
    const model = dense();
    const compiled = compileStep(model);
    await model.fit(x, y, fitting);
    await model.fit(x, y, fitting);
    assert.equal(compiled.report().length, 1);
  });

  it('takes up a learning rate that changed', async () => {
    const { x, y } = data();
    const model = dense();
    compileStep(model);
    await model.fit(x, y, fitting);
    const before = model.getWeights().map(weight => weight.clone());
    Object.assign(model.optimizer, { learningRate: 0 });
    await model.fit(x, y, fitting);
    assertClose(model.getWeights(), before, 0);
  });

  it('keeps the moving averages of batch normalisation', async () => {
    const { x, y } = data();
    const make = (): tf.Sequential => dense([tf.layers.batchNormalization()]);
    const [plain, fast] = [make(), make()];
    compileStep(fast);
    await plain.fit(x, y, fitting);
    await fast.fit(x, y, fitting);
    // What Adam makes of the bias before it is noise, as its gradient is 0.
    const averages = (model: tf.Sequential): tf.Tensor[] => model.getWeights().slice(-1);
    assertClose(averages(fast), averages(plain), 1e-3);
  });

  it('drops out anew at each step', async () => {
    const { x, y } = data();
    const model = dense([tf.layers.dropout({ rate: 0.5 })]);
    Object.assign(model.optimizer, { learningRate: 0 });
    compileStep(model, { seed: 1 });
    const { history } = await model.fit(x, y, { ...fitting, epochs: 4 });
    assert.equal(new Set(history.loss).size, 4);
  });
});
