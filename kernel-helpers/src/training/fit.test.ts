import * as tf from '@tensorflow/tfjs';
import { linearRegression, sineRegression, type Examples } from '../data/index.ts';
import { coded } from '../fixtures/coded.ts';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { ScriptedMeter, twoJoules } from '../fixtures/meter.ts';
import { encodeTree } from '../io/index.ts';
import { mlp } from '../models/index.ts';
import { adam, sgd } from '../optim/index.ts';
import type { State } from '../tree.ts';
import {
  accuracy,
  crossEntropy,
  fit,
  meanSquaredError,
  predict,
  type Checkpoint,
  type FitOptions,
  type Network
} from './index.ts';

const { own } = leakCheck();
const owned = (examples: Examples): Examples => {
  own({ ...examples });
  return examples;
};
const line = (examples = 20) => owned(linearRegression([2, -1], { examples, noise: 0 }));
const linear = (): Network<{ w: tf.Tensor }> => ({
  params: own({ w: tf.zeros([2, 1]) }),
  apply: ({ w }, x) => tf.matMul(x, w)
});
const options: FitOptions = { loss: meanSquaredError, optimizer: sgd(0.1), batchSize: 5 };

describe('fit', () => {
  it('trains a plain function and leaves its parameters as they were', async () => {
    const network = linear();
    const { params, steps, losses, epochs, stopped } = await fit(network, line(), {
      ...options,
      epochs: 30
    });
    expect(numbers(own(params)).map(x => Math.round(x * 1e3) / 1e3)).toEqual([2, -1]);
    expect(numbers(network.params)).toEqual([0, 0]);
    expect([steps, losses.length, epochs.length, stopped]).toEqual([120, 120, 30, 'steps']);
    expect(epochs[0]!.loss).toBeCloseTo((losses[0]! + losses[1]! + losses[2]! + losses[3]!) / 4, 5);
  });

  it('trains a Layers model in place', async () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 1, inputShape: [2], useBias: false })]
    });
    const { params } = await fit(model, line(), { ...options, epochs: 30 });
    const weights = model.getWeights().flatMap(numbers);
    expect(weights.map(x => Math.round(x * 1e3) / 1e3)).toEqual([2, -1]);
    expect(numbers(own(params))).toEqual(weights);
    model.dispose();
  });

  it('takes nested arrays and iterators of batches', async () => {
    const rows = {
      inputs: [
        [1, 0],
        [0, 1]
      ],
      targets: [[2], [-1]]
    };
    const ofRows = await fit(linear(), rows, { ...options, batchSize: 2, steps: 200 });
    const stream = async function* (): AsyncGenerator<Examples> {
      for (let i = 0; i < 200; i++) {
        yield await Promise.resolve({
          inputs: tf.tensor2d(rows.inputs),
          targets: tf.tensor2d(rows.targets)
        });
      }
    };
    const ofStream = await fit(linear(), stream(), options);
    expect(numbers(own(ofStream.params))).toEqual(numbers(own(ofRows.params)));
    expect([ofStream.steps, ofStream.epochs.length]).toEqual([200, 1]);
  });

  it('goes on from a checkpoint half-way as if it had not stopped, bit for bit', async () => {
    const data = owned(sineRegression({ examples: 30 }));
    const network = mlp([1, 8, 1]);
    own(network.params as State);
    const saved: Checkpoint[] = [];
    const checkpoint = {
      every: 7,
      save: (c: Checkpoint): unknown => saved.push(c)
    } as FitOptions['checkpoint'];
    const training = () => ({
      loss: meanSquaredError,
      optimizer: adam(0.01),
      batchSize: 8,
      steps: 20,
      seed: 4
    });
    const whole = await fit(network, data, { ...training(), checkpoint });
    const resumed = await fit(network, data, { ...training(), resume: saved[0]!.bytes });
    expect(saved.map(c => c.step)).toEqual([7, 14]);
    expect(resumed.steps).toBe(13);
    const bytes = [whole, resumed].map(run => encodeTree(own(run.params as State)));
    expect(bytes[0]).toEqual(bytes[1]);
    expect(resumed.losses).toEqual(whole.losses.slice(7));
  });

  it('stops early and gives the best parameters back', async () => {
    // The rate makes the loss grow after the first epoch has seen it fall.
    const validation = line(5);
    const run = await fit(linear(), line(), {
      ...options,
      optimizer: sgd(step => (step < 4 ? 0.1 : -0.1)),
      epochs: 50,
      validation,
      earlyStopping: { patience: 2 }
    });
    own(run.params);
    expect(run.stopped).toBe('patience');
    expect(run.epochs).toHaveLength(3);
    const loss = tf.tidy(
      () =>
        meanSquaredError(
          validation.targets,
          linear().apply(run.params, validation.inputs)
        ).dataSync()[0]
    );
    expect(loss).toBeCloseTo(run.epochs[0]!.validation!, 6);
  });

  it('shares its energy among steps and epochs, and names it when the target is reached', async () => {
    const meter = new ScriptedMeter(twoJoules);
    await meter.listen();
    const epochs = await fit(linear(), line(), { ...options, epochs: 2 });
    const target = await fit(linear(), line(), { ...options, epochs: 99, untilLoss: 0.01 });
    await meter.close();
    own([epochs.params, target.params]);
    expect([epochs.joulesPerStep.joules, epochs.joulesPerEpoch.joules]).toEqual([0.25, 1]);
    expect(epochs.joulesToTarget).toMatchObject({ kind: 'missing' });
    expect([target.stopped, target.joulesToTarget.joules]).toEqual(['loss', 2]);
  });

  it('reports progress and heeds an abort', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress: FitOptions['onProgress'] = ({ step, epoch }) => {
      seen.push(step, epoch);
      if (step === 5) stop.abort();
    };
    const run = await fit(linear(), line(), {
      ...options,
      epochs: 9,
      signal: stop.signal,
      onProgress
    });
    own(run.params);
    expect([run.stopped, run.steps]).toEqual(['aborted', 5]);
    expect(seen.slice(-4)).toEqual([4, 0, 5, 1]);
  });

  const empty = async function* (): AsyncGenerator<Examples> {};
  it.each([
    [
      'no examples',
      () => own({ inputs: tf.zeros([0, 2]), targets: tf.zeros([0, 1]) }),
      {},
      'input/empty'
    ],
    ['an empty stream', empty, {}, 'input/empty'],
    [
      'targets of another shape',
      () => own({ inputs: tf.zeros([4, 2]), targets: tf.zeros([4]) }),
      {},
      'input/shape'
    ],
    [
      'rows of different number',
      () => ({ inputs: [[1, 2]], targets: [[1], [2]] }),
      {},
      'input/shape'
    ],
    ['a diverging rate', line, { optimizer: sgd(1e30), epochs: 9 }, 'training/diverged'],
    ['no epochs', line, { epochs: 0 }, 'input/value'],
    ['a checkpoint that is none', line, { resume: new Uint8Array(4) }, 'io/format']
  ])('refuses %s', async (_, data, extra, code) => {
    await expect(fit(linear(), data(), { ...options, ...extra })).rejects.toMatchObject({ code });
  });

  const disposed = () => {
    const tensor = tf.zeros([4, 2]);
    tensor.dispose();
    return tensor;
  };
  const whole = () => ({ inputs: own(tf.zeros([4, 2])), targets: own(tf.zeros([4, 1])) });

  it.each<[string, () => unknown, object, string]>([
    ['no data', () => undefined, {}, 'input/structure'],
    ['plain arrays as data', () => [[1, 2]], {}, 'input/structure'],
    [
      'inputs disposed of',
      () => ({ inputs: disposed(), targets: whole().targets }),
      {},
      'input/disposed'
    ],
    [
      'texts as targets',
      () => ({ inputs: whole().inputs, targets: own(tf.tensor2d(['a', 'b', 'c', 'd'], [4, 1])) }),
      {},
      'input/dtype'
    ],
    [
      'inputs too wide for the model',
      () => ({ inputs: own(tf.zeros([4, 3])), targets: whole().targets }),
      {},
      'input/shape'
    ],
    ['the name of a loss', whole, { loss: 'meanSquaredError' }, 'input/value'],
    ['a checkpoint that nobody keeps', whole, { checkpoint: { every: 1 } }, 'input/value'],
    ['the name of an optimiser', whole, { optimizer: 'adam' }, 'input/value'],
    [
      'validation of another width',
      whole,
      { validation: { inputs: disposed(), targets: disposed() } },
      'input/disposed'
    ],
    [
      'NaN as inputs',
      () => ({ ...whole(), inputs: own(tf.fill([4, 2], NaN)) }),
      {},
      'training/diverged'
    ]
  ])('refuses %s by a code, and leaves the model as it was', async (_, data, extra, code) => {
    const network = linear();
    const run = fit(network, data() as Examples, { ...options, ...extra });
    await expect(run).rejects.toMatchObject({ code });
    expect(numbers(network.params)).toEqual([0, 0]);
  });

  it('refuses what is no model, and parameters that cannot be trained', async () => {
    const wrong = { params: { w: own(tf.zeros([2, 1], 'int32')) }, apply: linear().apply };
    await expect(fit(undefined as never, whole(), options)).rejects.toMatchObject({
      code: 'input/structure'
    });
    await expect(fit(wrong, whole(), options)).rejects.toMatchObject({ code: 'input/dtype' });
  });

  it('refuses a target that is no class', async () => {
    const network = mlp([2, 3]);
    own(network.params as State);
    const data = { inputs: own(tf.zeros([2, 2])), targets: own(tf.tensor1d([1, 3], 'int32')) };
    const run = fit(network, data, { loss: crossEntropy, steps: 1 });
    await expect(run).rejects.toMatchObject({ code: 'training/diverged' });
  });

  it('resumed, batch normalisation knows the batches before the checkpoint and no others', async () => {
    const model = () =>
      tf.sequential({
        layers: [
          tf.layers.batchNormalization({ inputShape: [2], momentum: 0.9 }),
          tf.layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' })
        ]
      });
    const [whole, parts] = [model(), model()];
    const saved: Checkpoint[] = [];
    const checkpoint = { every: 4, save: (bytes: Checkpoint) => void saved.push(bytes) };
    own((await fit(whole, line(), { ...options, steps: 7 })).params);
    own((await fit(parts, line(), { ...options, steps: 6, checkpoint })).params);
    const resume = saved[0]!.bytes;
    own((await fit(parts, line(), { ...options, steps: 7, resume })).params);
    const weights = [whole, parts].map(({ weights: all }) => all.map(each => numbers(each.read())));
    expect(weights[1]).toEqual(weights[0]);
    for (const each of [whole, parts]) each.dispose();
  });

  it.each([3, 4, 6])('resumed after step %i, patience ends it where it would have', async at => {
    const wanted = { ...options, optimizer: sgd(2.1), epochs: 12, earlyStopping: { patience: 3 } };
    const saved: Checkpoint[] = [];
    const save = (c: Checkpoint): void => void saved.push({ ...c, bytes: c.bytes.slice() });
    const whole = await fit(linear(), line(), { ...wanted, checkpoint: { every: 1, save } });
    const { bytes } = saved.find(({ step }) => step === at)!;
    const rest = await fit(linear(), line(), { ...wanted, resume: bytes });
    own([whole.params, rest.params]);
    expect([whole.stopped, rest.stopped]).toEqual(['patience', 'patience']);
    expect(rest.steps).toBe(whole.steps - at);
    expect(numbers(rest.params)).toEqual(numbers(whole.params));
    expect(rest.epochs.map(({ loss }) => loss)).toEqual(
      whole.epochs.slice(-rest.epochs.length).map(({ loss }) => loss)
    );
  });

  it("refuses another model's checkpoint", async () => {
    let bytes = new Uint8Array();
    const save = (c: Checkpoint): void => void (bytes = Uint8Array.from(c.bytes));
    own((await fit(linear(), line(), { ...options, checkpoint: { every: 1, save } })).params);
    const other = mlp([2, 1]);
    own(other.params as State);
    await expect(fit(other, line(), { ...options, resume: bytes })).rejects.toMatchObject({
      code: 'input/structure'
    });
  });
});

describe('predict', () => {
  it('refuses inputs that the network cannot take, and accuracy as many targets as there are not', () => {
    const network = linear();
    const wide = own(tf.zeros([3, 5]));
    expect(() => predict(network, network.params, wide)).toThrow(coded('input/shape'));
    expect(() => accuracy(own(tf.zeros([2])), wide)).toThrow(coded('input/shape'));
  });

  it('gives the same in parts as at once', () => {
    const network = linear();
    const { inputs } = line(7);
    const w = own({ w: tf.tensor2d([[1], [2]]) });
    const parts = numbers(own(predict(network, w, inputs, 3)));
    expect(parts).toEqual(numbers(own(network.apply(w, inputs))));
  });
});
