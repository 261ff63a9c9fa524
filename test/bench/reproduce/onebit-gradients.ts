import {
  data,
  estimators,
  measure,
  models,
  onebit,
  optim,
  training,
  type Energy
} from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';
import { setting, steps, tellCut } from './setting.ts';
import { energyRows, meanOf, shown } from './summary.ts';
import { errorOf, inferences } from './train.ts';

/** Karimireddy et al. 2019, arXiv:1901.09847: where sign descent goes wrong, and that error feedback mends it. */
export function counterExamples(): BenchResult[] {
  const feedback = (rate: number): optim.Transform =>
    optim.chain(optim.scale(-rate), onebit.errorFeedback());
  const [climbed, descended] = [line(optim.signSgd(0.01)), line(feedback(0.01))];
  const [stuck, solved] = [leastSquares(optim.signSgd(0.01)), leastSquares(feedback(0.1))];
  return [
    {
      name: 'error feedback: x/4 with gradients 4 (1 in 4) and -1: ends at, beside signSGD',
      ...{ ours: descended, other: climbed, ratio: null, unit: '' },
      goal: '-1, beside +1',
      met: descended < -0.9 && climbed > 0.95
    },
    {
      name: 'error feedback: least squares, batch 1: distance from the solution, beside signSGD',
      ...{ ours: solved, other: stuck, ratio: null, unit: '' },
      goal: 'at most 1e-6, beside at least 1',
      met: solved <= 1e-6 && stuck >= 1
    }
  ];
}

function follow(
  transform: optim.Transform,
  start: tf.Tensor,
  count: number,
  gradient: (at: tf.Tensor, step: number) => tf.Tensor,
  bound: (at: tf.Tensor) => tf.Tensor
): number {
  return tf.tidy(() => {
    let [at, state] = [start, transform.init(start)];
    for (let step = 0; step < count; step++) {
      const updated = transform.update(gradient(at, step), state, at);
      [at, state] = [bound(optim.applyUpdates(at, updated.updates)), updated.state];
    }
    return tf.norm(at).dataSync()[0]! * (at.size === 1 ? Math.sign(at.dataSync()[0]!) : 1);
  });
}

/** The paper's counter-example 1: the mean gradient is 1/4, yet three of four signs say to climb. */
function line(transform: optim.Transform): number {
  const gradient = (_: tf.Tensor, step: number): tf.Tensor => tf.scalar(step % 4 === 0 ? 4 : -1);
  return follow(transform, tf.scalar(0), 400, gradient, at => tf.clipByValue(at, -1, 1));
}

/** Its counter-example 3: each sign of a gradient is ±(1, -1), so x + y never changes from 2; the solution is 0. */
function leastSquares(transform: optim.Transform): number {
  const rows = [tf.tensor1d([1.5, -0.5]), tf.tensor1d([-0.5, 1.5])];
  const gradient = (at: tf.Tensor, step: number): tf.Tensor => {
    const row = rows[step % 2]!;
    return tf.mul(row, tf.mul(2, tf.sum(tf.mul(row, at))));
  };
  return follow(transform, tf.tensor1d([1, 1]), 2000, gradient, at => at);
}

const workers = 4;

/** Tang et al. 2021, arXiv:2102.02888: Adam's accuracy at a fifth of its bytes, the warm-up included. */
export async function oneBitAdamVolume(): Promise<BenchResult[]> {
  const count = steps(600);
  const warmup = Math.round(0.15 * count);
  tellCut(
    '1-bit Adam',
    `LeNet-300-100 on MNIST instead of BERT, ${workers} workers in one process, ${count} steps of ${workers} × 32, of which ${warmup} are warm-up`
  );
  const digits = await data.mnist();
  const runs = { full: [] as Outcome[], compressed: [] as Outcome[] };
  const costs = { training: [] as Energy[], before: [] as Energy[], after: [] as Energy[] };
  for (const seed of setting.seeds) {
    const full = onebit.fullAverage(optim.adam(1e-3));
    const dense = await learn(full, digits, count, seed);
    runs.full.push(dense);
    costs.before.push(dense.inferences);
    // The signs' scale spreads each mean over all of a tensor's numbers: Adam's rate would be too large where gradients are rare.
    const compressed = onebit.oneBitAdamWorkers(step => (step < warmup ? 1e-3 : 1e-4), {
      warmup,
      epsilon: 1e-4
    });
    const outcome = await learn(compressed, digits, count, seed);
    runs.compressed.push(outcome);
    costs.training.push(outcome.training);
    costs.after.push(outcome.inferences);
  }
  tf.dispose([digits.train, digits.test] as unknown as tf.TensorContainer);
  const error = (of: Outcome[]) => meanOf(of.map(run => run.error));
  const [ours, other] = [error(runs.compressed), error(runs.full)];
  const volume = runs.full[0]!.bytes / runs.compressed[0]!.bytes;
  return [
    {
      name: `1-bit Adam: bytes of Adam / its bytes, warm-up of ${warmup} of ${count} steps included (paper: up to 5)`,
      ...{ ours: volume, other: 5, ratio: volume / 5, unit: 'times', goal: 'at least 5' },
      met: volume >= 5
    },
    {
      name: `1-bit Adam: error ${shown(ours)} % beside Adam's ${shown(other)} %`,
      ...{ ours: ours.mean, other: other.mean, ratio: ours.mean / other.mean, unit: '%' },
      goal: 'at most 0.5 % points more',
      met: ours.mean <= other.mean + 0.5
    },
    ...energyRows('1-bit Adam', costs)
  ];
}

interface Outcome {
  readonly error: number;
  readonly bytes: number;
  readonly training: Energy;
  /** Of 10,000. */
  readonly inferences: Energy;
}

async function learn(
  transform: onebit.WorkersTransform,
  digits: data.Digits,
  count: number,
  seed: number
): Promise<Outcome> {
  const { value, energy } = await measure('1-bit Adam', () =>
    trained(transform, digits.train, count, seed)
  );
  const { network, params, state } = value;
  const { test } = digits;
  const used = await measure('inferences', inferences(network, params, test.inputs));
  const error = errorOf(network, params, test);
  tf.dispose([params, state] as unknown as tf.TensorContainer);
  return {
    ...{ error, bytes: onebit.bytesSent(state) },
    ...{ training: energy, inferences: used.energy }
  };
}

function trained(
  transform: onebit.WorkersTransform,
  train: data.Examples,
  count: number,
  seed: number
) {
  const network = models.leNet300({ seed });
  const { at } = data.batches(train, { batchSize: 32, seed });
  const estimate = estimators.autodiff();
  const gradientOf = (params: typeof network.params, number: number) => {
    const { inputs, targets } = at(number);
    const loss = (at: typeof params): tf.Scalar =>
      training.crossEntropy(targets, network.apply(at, inputs));
    return estimate(loss, params).gradient;
  };
  let { params } = network;
  let state = transform.init(params, workers);
  for (let step = 0; step < count; step++) {
    const next = tf.tidy(() => {
      const gradients = Array.from({ length: workers }, (_, worker) =>
        gradientOf(params, step * workers + worker)
      );
      const { updates, state: after } = transform.update(gradients, state, params);
      return { params: optim.applyUpdates(params, updates), state: after } as never;
    }) as unknown as { params: typeof params; state: typeof state };
    training.releasePosition({ params, state }, next);
    ({ params, state } = next);
  }
  return { network, params, state };
}
