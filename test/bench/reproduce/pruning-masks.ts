import { data, models, optim, prune, training, trainStep } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';
import { setting } from './setting.ts';

/** What masks add to a compiled training step of LeNet-300-100. */
export async function maskCost(): Promise<BenchResult[]> {
  if (tf.getBackend() !== 'tensorflow') {
    console.log('masks in compiled steps: left out, TensorFlow is not there');
    return [];
  }
  const { train, test } = await data.mnist({ train: 128, test: 1 });
  const { params } = models.leNet300();
  const masks = prune.makeMasks(params, { sparsity: 0.9 });
  const [plain, masked] = [optim.adam(1e-3), prune.masking(optim.adam(1e-3), masks)].map(
    optimizer => stepper(optimizer, train)
  ) as [() => void, () => void];
  const rounds = setting.small ? 40 : 1000;
  const [a, b] = interleaved(plain, masked, rounds);
  tf.dispose([train, test, masks, params] as unknown as tf.TensorContainer);
  return [
    {
      name: `masks in a compiled Adam step, LeNet-300-100, batch 128, quickest tenth of ${rounds}`,
      ours: b,
      other: a,
      ratio: b / a,
      unit: 'ms',
      goal: 'at most 1.05 of the step without',
      met: b / a <= 1.05
    }
  ];
}

function stepper(
  optimizer: optim.Transform,
  { inputs, targets }: { inputs: tf.Tensor; targets: tf.Tensor }
): () => void {
  const network = models.leNet300();
  const step = trainStep(optimizer, (at: typeof network.params, x: tf.Tensor, y: tf.Tensor) =>
    training.crossEntropy(y, network.apply(at, x))
  );
  let position = { params: network.params, state: optimizer.init(network.params) };
  return () => {
    const { loss, ...next } = step(position, inputs, targets);
    loss.dataSync();
    loss.dispose();
    training.releasePosition(position, next);
    position = next;
  };
}

/** Times in ms that a tenth of the rounds stay below. The two take turns, so that both meet the same load. */
function interleaved(a: () => void, b: () => void, rounds: number): [number, number] {
  const times: [number[], number[]] = [[], []];
  for (let round = -5; round < rounds; round++) {
    [a, b].forEach((run, index) => {
      const start = performance.now();
      run();
      if (round >= 0) times[index]!.push(performance.now() - start);
    });
  }
  const tenth = (xs: number[]): number => xs.sort((x, y) => x - y)[Math.floor(xs.length / 10)]!;
  return [tenth(times[0]), tenth(times[1])];
}
