import { data, fit, measure, onebit, optim, training, type Energy } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';
import { setting, steps, tellCut } from './setting.ts';
import { energyRows, meanOf, shown } from './summary.ts';

const batchSize = 64;
const { small } = setting;
const paper = { accuracy: 97.62, kibibytes: 13.19, float: 365.45 };

/** The binary network of larq's tutorial on MNIST: 97.62 % in 13.19 KiB. */
export async function binaryMnist(): Promise<BenchResult[]> {
  const count = steps(1400);
  tellCut(
    'MNIST binary network',
    `${count} steps of ${batchSize}, 1.5 epochs, instead of 6 epochs of 937 steps`
  );
  const { train, test } = await pictures();
  const accuracies: number[] = [];
  const differing: number[] = [];
  const costs = { training: [] as Energy[], before: [] as Energy[], after: [] as Energy[] };
  let bytes = 0;
  for (const seed of setting.seeds) {
    const model = build(seed);
    bytes = onebit.sizeReport(model).bytes;
    const run = await fit(model, train, {
      loss: training.crossEntropy,
      optimizer: optim.chain(optim.adam(rate(count)), latentBounds()),
      ...{ batchSize, seed, steps: count, label: 'binary network' }
    });
    tf.dispose(run.params as unknown as tf.TensorContainer);
    costs.training.push(run.energy);
    const packed = onebit.packModel(model);
    const float = (x: tf.Tensor): tf.Tensor => model.predict(x, { batchSize: 100 }) as tf.Tensor;
    accuracies.push(
      100 * tf.tidy(() => training.accuracy(test.targets, packed.predict(test.inputs)))
    );
    differing.push(differences(float, packed.predict, test.inputs));
    costs.before.push((await measure('float', inferences(float, test.inputs))).energy);
    costs.after.push((await measure('packed', inferences(packed.predict, test.inputs))).energy);
    model.dispose();
  }
  tf.dispose([train, test] as unknown as tf.TensorContainer);
  return [...rows(accuracies, differing, bytes), ...energyRows('MNIST binary network', costs)];
}

function build(seed: number): tf.Sequential {
  const binary = { inputQuantizer: 'steSign', useBias: false } as const;
  const norm = () => tf.layers.batchNormalization({ momentum: 0.9 });
  const pool = () => tf.layers.maxPooling2d({ poolSize: 2 });
  const conv = (filters: number, index: number) =>
    onebit.binaryConv2d({ ...binary, filters, kernelSize: 3, seed: 10 * seed + index });
  return tf.sequential({
    layers: [
      onebit.binaryConv2d({
        ...{ filters: 32, kernelSize: 3, useBias: false, seed: 10 * seed, inputShape: [28, 28, 1] }
      }),
      ...[pool(), norm(), conv(64, 1), pool(), norm(), conv(64, 2), norm()],
      tf.layers.flatten(),
      ...[onebit.binaryDense({ ...binary, units: 64, seed: 10 * seed + 3 }), norm()],
      ...[onebit.binaryDense({ ...binary, units: 10, seed: 10 * seed + 4 }), norm()]
    ]
  });
}

function latentBounds(): optim.Transform {
  return optim.masked(onebit.clipWeights(), onebit.isBinaryKernel);
}

/** 0.01 falling to a hundredth: latent weights must move by 1 to flip, and come to rest. */
function rate(count: number): (step: number) => number {
  return step => 0.01 * 0.01 ** (step / count);
}

async function pictures(): Promise<{ train: data.Examples; test: data.Examples }> {
  const digits = await data.mnist(small ? { train: 2000, test: 500 } : {});
  const of = ({ inputs, targets }: data.Examples): data.Examples => {
    const centred = tf.tidy(() => tf.reshape(tf.sub(tf.mul(inputs, 2), 1), [-1, 28, 28, 1]));
    inputs.dispose();
    return { inputs: centred, targets };
  };
  return { train: of(digits.train), test: of(digits.test) };
}

function differences(
  a: (x: tf.Tensor) => tf.Tensor,
  b: (x: tf.Tensor) => tf.Tensor,
  inputs: tf.Tensor
): number {
  return tf.tidy(() => {
    const differ = tf.notEqual(tf.argMax(a(inputs), 1), tf.argMax(b(inputs), 1));
    return tf.sum(tf.cast(differ, 'int32')).dataSync()[0]!;
  });
}

function inferences(predict: (x: tf.Tensor) => tf.Tensor, inputs: tf.Tensor): () => void {
  return () => {
    for (let from = 0; from < 10_000; from += 100) {
      tf.tidy(() => void predict(tf.slice(inputs, from % inputs.shape[0], 100)).dataSync());
    }
  };
}

function rows(accuracies: number[], differing: number[], bytes: number): BenchResult[] {
  const accuracy = meanOf(accuracies);
  return [
    {
      name: `MNIST binary network: test accuracy ${shown(accuracy, 4)} % (larq: ${paper.accuracy})`,
      ...{ ours: accuracy.mean, other: paper.accuracy, ratio: accuracy.mean / paper.accuracy },
      ...{ unit: '%', goal: 'at least 97 %', met: accuracy.mean >= 97 }
    },
    {
      name: `MNIST binary network: size (larq: ${paper.kibibytes} KiB beside ${paper.float} in float32)`,
      ...{ ours: bytes / 1024, other: paper.kibibytes, ratio: bytes / 1024 / paper.kibibytes },
      ...{ unit: 'KiB', goal: 'at most 13.19', met: bytes / 1024 < paper.kibibytes + 0.005 }
    },
    {
      name: 'MNIST binary network: test digits whose class differs, packed beside float',
      ...{ ours: Math.max(...differing), other: 0, ratio: null, unit: 'digits', goal: '0' },
      met: differing.every(count => count === 0)
    }
  ];
}
