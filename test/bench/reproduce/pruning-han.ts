import { data, measure, models, optim, prune, type Energy } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';
import { setting, steps, tellCut } from './setting.ts';
import { energyRows, meanOf, shown } from './summary.ts';
import { allKept, errorOf, inferences, masksBy, train } from './train.ts';

/** Share of each layer that Han et al. prune: their table 4, which leaves 22 of 267 thousand parameters. */
const pruned: Record<string, number> = {
  'layers.0.weight': 0.92,
  'layers.1.weight': 0.91,
  'layers.2.weight': 0.74
};
const batchSize = 128;
const perEpoch = Math.ceil(60_000 / batchSize);

/** Han et al. 2015, arXiv:1506.02626: LeNet-300-100 on MNIST at a twelfth of its parameters. */
export async function han(): Promise<BenchResult[]> {
  const dense = steps(8 * perEpoch);
  const retrained = steps(16 * perEpoch);
  tellCut(
    'Han 2015',
    `8 epochs of training and 16 of gradual pruning with Adam, ${dense} and ${retrained} steps of ${batchSize}; the paper's numbers of epochs are not given`
  );
  const digits = await data.mnist();
  const [errors, prunedErrors, compressions]: [number[], number[], number[]] = [[], [], []];
  const costs = { training: [] as Energy[], before: [] as Energy[], after: [] as Energy[] };
  for (const seed of setting.seeds) {
    const network = models.leNet300({ seed });
    const optimizer = (): optim.Transform => optim.adam(1e-3);
    const first = train(network, digits.train, {
      optimizer: optimizer(),
      steps: dense,
      batchSize,
      seed
    });
    errors.push(errorOf(network, first, digits.test));
    const { value: last, energy } = await measure('prune', () => retrain(first, retrained));
    costs.training.push(energy);
    prunedErrors.push(errorOf(network, last, digits.test));
    compressions.push(prune.sparsityReport(last).compression);
    costs.before.push(
      (await measure('before', inferences(network, first, digits.test.inputs))).energy
    );
    costs.after.push(
      (await measure('after', inferences(network, last, digits.test.inputs))).energy
    );
    tf.dispose([first, last, network.params] as unknown as tf.TensorContainer);

    function retrain(params: typeof first, count: number): typeof first {
      const schedule = prune.polynomialDecay({
        to: 0.92,
        end: Math.round(count / 2),
        every: Math.max(1, Math.round(count / 100))
      });
      const masks = allKept(params);
      const result = train({ ...network, params }, digits.train, {
        optimizer: prune.masking(optim.adam(optimRate(count)), masks),
        steps: count,
        batchSize,
        seed: seed + 100,
        before: masksBy(schedule, { sparsity: path => pruned[path]! })
      });
      tf.dispose(masks);
      return result;
    }
  }
  tf.dispose([digits.train, digits.test] as unknown as tf.TensorContainer);
  return [...rows(errors, prunedErrors, compressions), ...energyRows('Han 2015', costs)];
}

/** Falls to a tenth over the second half, when the masks no longer change. */
function optimRate(count: number): (step: number) => number {
  return step => (step < count / 2 ? 1e-3 : 1e-3 * 0.1 ** ((2 * step) / count - 1));
}

function rows(errors: number[], prunedErrors: number[], compressions: number[]): BenchResult[] {
  const [before, after, times] = [errors, prunedErrors, compressions].map(meanOf) as [
    ReturnType<typeof meanOf>,
    ReturnType<typeof meanOf>,
    ReturnType<typeof meanOf>
  ];
  return [
    {
      name: `Han 2015: LeNet-300-100, error pruned ${shown(after)} % beside dense ${shown(before)} % (paper: 1.59 beside 1.64)`,
      ours: after.mean,
      other: before.mean,
      ratio: after.mean / before.mean,
      unit: '%',
      goal: 'at most 0.1 % points more',
      met: after.mean <= before.mean + 0.1
    },
    {
      name: 'Han 2015: parameters, before / not 0 after',
      ours: times.mean,
      other: 12,
      ratio: times.mean / 12,
      unit: 'times',
      goal: 'at least 12',
      met: times.mean >= 12
    }
  ];
}
