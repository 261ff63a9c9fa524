import { models, optim, training, type Tree } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';

const rate = 0.01;
/** Ours beside TensorFlow.js's own, where that exists. */
const pairs: [string, () => optim.Transform, () => tf.Optimizer][] = [
  ['sgd', () => optim.sgd(rate), () => tf.train.sgd(rate)],
  ['momentum', () => optim.sgd(rate, { decay: 0.9 }), () => tf.train.momentum(rate, 0.9)],
  ['adagrad', () => optim.adagrad(rate), () => tf.train.adagrad(rate)],
  ['adadelta', () => optim.adadelta(rate), () => tf.train.adadelta(rate)],
  ['rmsprop', () => optim.rmsprop(rate), () => tf.train.rmsprop(rate)],
  ['adam', () => optim.adam(rate), () => tf.train.adam(rate)],
  ['adamax', () => optim.adamax(rate), () => tf.train.adamax(rate)]
];

/** Time and memory of one optimiser step on LeNet-300-100's parameters, gradients given. */
export async function stepCost(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const [name, ours, theirs] of pairs) {
    const [a, b] = interleaved(ourStep(ours()), theirStep(theirs()).step);
    results.push({
      name: `${name}: one step, LeNet-300-100, median of ${rounds}`,
      ours: a,
      other: b,
      ratio: a / b,
      unit: 'ms',
      goal: "at most TensorFlow.js's",
      met: a / b <= 1
    });
    const [copies, theirCopies] = [await extraCopies(ours()), await theirExtraCopies(theirs())];
    results.push({
      name: `${name}: peak memory beyond new parameters and state`,
      ours: copies,
      other: theirCopies,
      ratio: copies / theirCopies,
      unit: 'copies of the parameters',
      goal: 'at most 1',
      met: copies <= 1.01
    });
  }
  return results;
}

const rounds = 1000;
/** Steps until the engine has compiled all that a step calls. */
const warmUp = 1000;

function problem(): { params: Tree; gradients: Tree; leaves: tf.Tensor[] } {
  const { params } = models.leNet300();
  const leaves = params.layers.flatMap(({ weight, bias }) => [weight, bias]);
  const gradients = {
    layers: params.layers.map(({ weight, bias }) => ({
      weight: tf.fill(weight.shape, 0.01),
      bias: tf.fill(bias.shape, 0.01)
    }))
  };
  return { params, gradients, leaves };
}

function ourStep(transform: optim.Transform): () => void {
  const { params, gradients } = problem();
  let at: training.Position<Tree> = { params, state: transform.init(params) };
  return () => {
    const next = optim.step(transform, gradients, at);
    training.releasePosition(at, next);
    at = next;
  };
}

function theirStep(optimizer: tf.Optimizer): { step: () => void; size: number } {
  const { leaves } = problem();
  const variables = leaves.map((leaf, index) =>
    tf.variable(leaf, true, `${optimizer.getClassName()}${index}-${Math.random()}`)
  );
  const gradients = Object.fromEntries(variables.map(v => [v.name, tf.fill(v.shape, 0.01)]));
  const size = leaves.reduce((sum, leaf) => sum + leaf.size * 4, 0);
  return { step: () => optimizer.applyGradients(gradients), size };
}

/** Medians in ms. The two take turns, and turns at being first, so that both meet the same load and the same caches. */
function interleaved(a: () => void, b: () => void): [number, number] {
  const times: [number[], number[]] = [[], []];
  for (let round = -warmUp; round < rounds; round++) {
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const start = performance.now();
      (index === 0 ? a : b)();
      if (round >= 0) times[index]!.push(performance.now() - start);
    }
  }
  const median = (xs: number[]): number => xs.sort((x, y) => x - y)[Math.floor(xs.length / 2)]!;
  return [median(times[0]), median(times[1])];
}

async function extraCopies(transform: optim.Transform): Promise<number> {
  const { params, gradients, leaves } = problem();
  const state = transform.init(params);
  const size = leaves.reduce((sum, leaf) => sum + leaf.size * 4, 0);
  const before = tf.memory().numBytes;
  const { peakBytes, newBytes } = await tf.profile(
    () => optim.step(transform, gradients, { params, state }) as unknown as tf.TensorContainer
  );
  return (peakBytes - before - newBytes) / size;
}

/** The same of TensorFlow.js's own step, which replaces its variables in place of returning new ones. */
async function theirExtraCopies(optimizer: tf.Optimizer): Promise<number> {
  const { step, size } = theirStep(optimizer);
  step();
  const before = tf.memory().numBytes;
  const { peakBytes } = await tf.profile(() => {
    step();
    return [];
  });
  return (peakBytes - before) / size;
}
