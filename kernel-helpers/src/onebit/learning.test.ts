import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coded } from '../fixtures/coded.ts';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { layersFiles } from '../io/index.ts';
import {
  adam,
  applyUpdates,
  chain,
  masked,
  partition,
  scaleByLearningRate
} from '../optim/index.ts';
import { meanSquaredError, fit } from '../training/index.ts';
import type { State } from '../tree.ts';
import * as onebit from './index.ts';

const { own } = leakCheck();
const noise = (shape: number[], seed: number) => own(tf.randomNormal(shape, 0, 1, 'float32', seed));
const model = () =>
  tf.sequential({
    layers: [
      onebit.binaryConv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: [5, 5, 1] }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      onebit.binaryDense({ units: 2, inputQuantizer: { name: 'swishSign', beta: 4 } })
    ]
  });

describe('binary layers', () => {
  it('are saved and loaded like any other layer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'joulebook-helpers-'));
    const before = model();
    const x = noise([3, 5, 5, 1], 1);
    await before.save(layersFiles(folder));
    const after = await tf.loadLayersModel(layersFiles(folder));
    const [a, b] = [before, after].map(m => numbers(own(m.predict(x) as tf.Tensor)));
    expect(a).toEqual(b);
    const last = after.layers.at(-1) as onebit.BinaryDense;
    expect(last.inputQuantizer).toEqual({ name: 'swishSign', beta: 4 });
    [before, after].forEach(m => m.dispose());
    rmSync(folder, { recursive: true });
  });

  /** A layer of the weights that made the targets has a loss of 0; both ways of learning find them. */
  const signsOf = (seed: number) => own(onebit.steSign(noise([6, 2], seed)));
  const made = () => {
    const [inputs, weights] = [noise([64, 6], 1), signsOf(2)];
    return { weights, data: { inputs, targets: own(tf.matMul(inputs, weights)) } };
  };
  const learner = () =>
    tf.sequential({
      layers: [onebit.binaryDense({ units: 2, inputShape: [6], useBias: false, seed: 3 })]
    });
  const kernelOf = (model: tf.Sequential) =>
    numbers((model.layers[0] as onebit.BinaryDense).latentKernel());

  it('learn by latent weights that stay within bounds', async () => {
    const { weights, data } = made();
    const model = learner();
    const optimizer = masked(chain(adam(0.05), onebit.clipWeights()), onebit.isBinaryKernel);
    const run = await fit(model, data, { loss: meanSquaredError, optimizer, epochs: 40 });
    own(run.params);
    expect(kernelOf(model).map(Math.sign)).toEqual(numbers(weights));
    expect(Math.max(...kernelOf(model).map(Math.abs))).toBeLessThanOrEqual(1);
    model.dispose();
  });

  it('learn by Bop without latent weights', async () => {
    const { weights, data } = made();
    const model = learner();
    onebit.binarizeKernels(model);
    const transforms = { binary: onebit.bop({ gamma: 0.2, threshold: 1e-3 }) };
    const optimizer = partition(transforms, path =>
      onebit.isBinaryKernel(path) ? 'binary' : undefined
    );
    const run = await fit(model, data, { loss: meanSquaredError, optimizer, epochs: 40 });
    own(run.params as State);
    expect(kernelOf(model)).toEqual(numbers(weights));
    model.dispose();
  });

  it('refuse what is out of range, by its name', () => {
    const dense = (args: object) => () => onebit.binaryDense({ units: 2, ...args });
    expect(dense({ units: 0 })).toThrow('expected units to be a whole number of at least 1, got 0');
    expect(dense({ kernelQuantizer: 'sine' })).toThrow('got sine');
    const conv = { filters: 1, kernelSize: 3, padValue: 2 as 1 };
    expect(() => onebit.binaryConv2d(conv)).toThrow(coded('input/value'));
    expect(() => onebit.steSign(noise([2], 1), { clip: 0 })).toThrow(coded('input/value'));
    expect(() => onebit.doReFaWeights(noise([2], 1), { bits: 0 })).toThrow(coded('input/value'));
    expect(() => onebit.ternary(noise([2], 1), { threshold: -1 })).toThrow(coded('input/value'));
    expect(() => onebit.bop().init({ w: own(tf.tensor1d([1, 0.5])) })).toThrow(
      'expected w to be -1 or 1, got 0.5 at 1'
    );
  });

  it('count flips', () => {
    const [a, b] = [own(tf.tensor1d([1, -2, 0, 3])), own(tf.tensor1d([2, 1, 0, -3]))];
    expect(onebit.flipRatio(a, b)).toBe(0.5);
  });
});

describe('the ternary threshold itself', () => {
  it('becomes 0, as in the paper, or its sign, as in larq', () => {
    const x = own(tf.tensor1d([0.25, -0.25, 0.5]));
    const levels = (atThreshold: 'zero' | 'sign') =>
      numbers(own(onebit.ternary(x, { threshold: 0.25, atThreshold })));
    expect([levels('zero'), levels('sign')]).toEqual([
      [0, 0, 1],
      [1, -1, 1]
    ]);
  });
});

describe('gradients of one bit', () => {
  const gradientsOf = (step: number) => ({ a: noise([3, 5], step), b: noise([7], 100 + step) });

  it('with error feedback lose only the last error: what was sent adds up to what was meant', () => {
    const params = own({ a: tf.zeros([3, 5]), b: tf.zeros([7]) });
    const transform = onebit.errorFeedback();
    let state = own(transform.init(params));
    let [sent, meant] = [own({ a: tf.zeros([3, 5]), b: tf.zeros([7]) }), params];
    for (let step = 0; step < 20; step++) {
      const gradient = gradientsOf(step);
      const updated = transform.update(gradient, state, params);
      state = own(updated.state);
      sent = own(applyUpdates(sent, own(updated.updates)));
      meant = own(applyUpdates(meant, gradient));
    }
    const error = (state as unknown as { error: typeof params }).error;
    const telescoped = numbers(own(applyUpdates(sent, error)));
    telescoped.forEach((x, i) => expect(x).toBeCloseTo(numbers(meant)[i]!, 4));
  });

  it('travel as bits and arrive as they were', () => {
    const x = noise([3, 7], 5);
    const bytes = onebit.encodeSigns(x);
    expect(bytes).toHaveLength(onebit.signCompressor({ scale: 'none' }).bytes(21));
    expect(numbers(own(onebit.decodeSigns(bytes, [3, 7])))).toEqual(
      numbers(x).map(value => (value >= 0 ? 1 : -1))
    );
  });

  it('are refused where bytes are missing', () => {
    expect(() => onebit.decodeSigns(new Uint8Array(1), [9])).toThrow(coded('input/shape'));
  });

  it('are decided by the majority, and a tie by the sign of 0', () => {
    const votes = [
      [1, -2],
      [3, -1],
      [-9, 5]
    ].map(values => own(tf.tensor1d(values)));
    expect(numbers(own(onebit.voteOf(votes)))).toEqual([1, -1]);
    expect(numbers(own(onebit.voteOf(votes.slice(1))))).toEqual([1, 1]);
  });

  it('are counted in bytes', () => {
    const params = own({ w: tf.zeros([10, 10]) });
    const gradients = [own({ w: tf.ones([10, 10]) }), own({ w: tf.ones([10, 10]) })];
    const bytesAfter = (transform: onebit.WorkersTransform, steps: number): number => {
      let state = own(transform.init(params, 2));
      for (let step = 0; step < steps; step++) {
        const agreed = transform.update(gradients, state, params);
        own(agreed.updates);
        state = own(agreed.state);
      }
      return onebit.bytesSent(state);
    };
    expect(bytesAfter(onebit.fullAverage(scaleByLearningRate(0.1)), 10)).toBe(4000);
    expect(bytesAfter(onebit.majorityVote(0.1), 10)).toBe(130);
    expect(bytesAfter(onebit.oneBitAdamWorkers(0.1, { warmup: 2 }), 10)).toBe(2 * 400 + 8 * 17);
    const single = onebit.oneBitAdam(0.1, { warmup: 1 });
    const { updates, state } = single.update(gradients[0]!, own(single.init(params)), params);
    own([updates, state]);
    expect(onebit.bytesSent(state)).toBe(400);
  });

  it('refuse states and gradients that do not fit', () => {
    const params = own({ w: tf.zeros([2]) });
    const vote = onebit.majorityVote(0.1);
    const state = own(vote.init(params, 2));
    expect(() => vote.update([params], state, params)).toThrow(coded('input/empty'));
    const average = onebit.fullAverage(scaleByLearningRate(1));
    expect(() => average.update([params, params], state, params)).toThrow(
      coded('optim/foreign-state')
    );
    expect(() => vote.update([params, { w: own(tf.zeros([3])) }], state, params)).toThrow(
      coded('input/shape')
    );
    expect(() => vote.init(params, 0)).toThrow(coded('input/value'));
    expect(() => onebit.fullAverage(undefined as never)).toThrow(coded('input/value'));
    expect(() => onebit.singleWorker(undefined as never)).toThrow(coded('input/value'));
    expect(() => onebit.oneBitAdam(0.1, { warmup: 0 })).toThrow(coded('input/value'));
    expect(() => onebit.bytesSent({})).toThrow(coded('optim/foreign-state'));
  });
});
