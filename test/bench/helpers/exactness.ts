import { data, gradientDescent, fit, io, models, optim, training } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';

/** What theory predicts exactly, and what must be equal to the last bit. */
export async function exactness(): Promise<BenchResult[]> {
  const [climbed, sgdEnd] = [await line(optim.signSgd), await line(rate => optim.sgd(rate))];
  const [stuck, free] = [leastSquares(optim.signSgd(0.01)), leastSquares(optim.sgd(0.1))];
  const deviation = await quadraticDeviation();
  const differing = await resumeDifference();
  return [
    row(
      'quadratics: largest deviation from (1 - rate·curvature)^k',
      deviation,
      null,
      '',
      'at most 1e-6',
      deviation <= 1e-6
    ),
    row(
      'x/4 with gradients 4 (1 in 4) and -1: signSGD ends at, sgd at',
      climbed,
      sgdEnd,
      '',
      '+1 and -1',
      climbed > 0.95 && sgdEnd < -0.95
    ),
    row(
      'least squares, batch 1: x + y of signSGD, of sgd',
      stuck,
      free,
      '',
      '2 and 0',
      Math.abs(stuck - 2) < 1e-3 && Math.abs(free) < 1e-3
    ),
    row('resumed half-way: bytes that differ', differing, 0, 'bytes', '0', differing === 0)
  ];
}

function row(
  name: string,
  ours: number,
  other: number | null,
  unit: string,
  goal: string,
  met: boolean
): BenchResult {
  return { name, ours, other, ratio: null, unit, goal, met };
}

async function quadraticDeviation(): Promise<number> {
  let worst = 0;
  for (const curvatures of [
    [1, 0.5, 0.1],
    [1, 9],
    [0.01, 1, 1.9]
  ]) {
    for (const steps of [1, 10, 100]) {
      const { loss, start } = data.quadratic(curvatures);
      const alpha = 1 / Math.max(...curvatures);
      const { theta } = await gradientDescent(loss, start(), { alpha, steps });
      theta.dataSync().forEach((x, i) => {
        worst = Math.max(worst, Math.abs(x - (1 - alpha * curvatures[i]!) ** steps));
      });
    }
  }
  return worst;
}

function follow(
  transform: optim.Transform,
  start: tf.Tensor,
  steps: number,
  gradient: (at: tf.Tensor, step: number) => tf.Tensor,
  bound = (at: tf.Tensor): tf.Tensor => at
): tf.Tensor {
  let [at, state] = [start, transform.init(start)];
  for (let step = 0; step < steps; step++) {
    const updated = transform.update(gradient(at, step), state, at);
    at = bound(optim.applyUpdates(at, updated.updates));
    state = updated.state;
  }
  return at;
}

async function line(make: (rate: number) => optim.Transform): Promise<number> {
  const gradient = (_: tf.Tensor, step: number): tf.Tensor => tf.scalar(step % 4 === 0 ? 4 : -1);
  const inside = (at: tf.Tensor): tf.Tensor => tf.clipByValue(at, -1, 1);
  const end = follow(make(0.01), tf.scalar(0), 400, gradient, inside);
  return (await end.data())[0] ?? NaN;
}

function leastSquares(transform: optim.Transform): number {
  const rows = [tf.tensor1d([1.5, -0.5]), tf.tensor1d([-0.5, 1.5])];
  const end = follow(transform, tf.tensor1d([1, 1]), 300, (at, step) => {
    const a = rows[step % 2]!;
    return tf.mul(a, tf.mul(2, tf.sum(tf.mul(a, at))));
  });
  return end.sum().dataSync()[0] ?? NaN;
}

async function resumeDifference(): Promise<number> {
  const examples = data.sineRegression({ examples: 64 });
  const network = models.mlp([1, 16, 1]);
  const saved: training.Checkpoint[] = [];
  const options = () => ({
    loss: training.meanSquaredError,
    optimizer: optim.adam(0.01),
    steps: 40
  });
  const checkpoint = { every: 20, save: (c: training.Checkpoint) => void saved.push(c) };
  const whole = await fit(network, examples, { ...options(), checkpoint });
  const resumed = await fit(network, examples, { ...options(), resume: saved[0]!.bytes });
  const [a, b] = [whole, resumed].map(run => io.encodeTree(run.params)) as [Uint8Array, Uint8Array];
  return a.filter((byte, index) => byte !== b[index]).length + Math.abs(a.length - b.length);
}
