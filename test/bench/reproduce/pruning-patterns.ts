import { data, measure, models, optim, prune, type Energy } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';
import { setting, steps, tellCut } from './setting.ts';
import { energyRows, meanOf, shown } from './summary.ts';
import { allKept, errorOf, inferences, masksBy, train } from './train.ts';

/** A pattern of zeros, and how many percent points of error it may cost. */
interface Pattern {
  readonly name: string;
  readonly masks: prune.MaskOptions;
  readonly goal: number;
}

const patternsToTry: readonly Pattern[] = [
  { name: '2 of 4', masks: { structure: prune.nOfM(2, 4), sparsity: 0.5 }, goal: 0.1 },
  {
    name: 'blocks of 1×4, 50 %',
    masks: { structure: prune.blocks(1, 4), sparsity: 0.5 },
    goal: 0.1
  },
  {
    name: 'blocks of 4×4, 80 %',
    masks: { structure: prune.blocks(4, 4), sparsity: 0.8 },
    goal: 0.3
  },
  { name: "tfmot's tutorial: 50 to 80 %", masks: { sparsity: 0.8, convention: 'tfmot' }, goal: 0.1 }
];
const batchSize = 128;
const perEpoch = Math.ceil(60_000 / batchSize);

/** Blocks and 2:4 (Mishra et al. 2021, arXiv:2104.08378), and tfmot's tutorial, on LeNet-300-100. */
export async function patterns(): Promise<BenchResult[]> {
  const [dense, tuned] = [steps(6 * perEpoch), steps(844)];
  tellCut(
    'patterns',
    `LeNet-300-100 on MNIST in place of the papers' networks; ${dense} steps, then ${tuned} with masks, the end_step of tfmot's tutorial`
  );
  const digits = await data.mnist();
  const errors: number[] = [];
  const byPattern = patternsToTry.map(() => ({
    error: [] as number[],
    zip: [] as number[],
    costs: { training: [] as Energy[], before: [] as Energy[], after: [] as Energy[] }
  }));
  for (const seed of setting.seeds) {
    const network = models.leNet300({ seed });
    const first = train(network, digits.train, {
      optimizer: optim.adam(1e-3),
      steps: dense,
      batchSize,
      seed
    });
    errors.push(errorOf(network, first, digits.test));
    for (const [i, { masks: options }] of patternsToTry.entries()) {
      const { value: last, energy } = await measure('pattern', () => tune(options));
      const { error, zip, costs } = byPattern[i]!;
      error.push(errorOf(network, last, digits.test));
      zip.push(prune.sizeReport(last).gzipRatio);
      costs.training.push(energy);
      costs.before.push(
        (await measure('before', inferences(network, first, digits.test.inputs))).energy
      );
      costs.after.push(
        (await measure('after', inferences(network, last, digits.test.inputs))).energy
      );
      tf.dispose(last as unknown as tf.TensorContainer);
    }

    function tune(options: prune.MaskOptions): typeof first {
      const masks = allKept(first);
      const schedule = options.structure?.keepInGroup
        ? prune.oneShot(0.5)
        : prune.polynomialDecay({
            from: 0.5,
            to: 0.8,
            end: tuned,
            every: Math.max(1, Math.round(tuned / 8))
          });
      return train({ ...network, params: first }, digits.train, {
        optimizer: prune.masking(optim.adam(5e-4), masks),
        steps: 2 * tuned,
        batchSize,
        seed: seed + 100,
        before: masksBy(schedule, options)
      });
    }
  }
  const before = meanOf(errors);
  const rows = patternsToTry.map(({ name, goal }, i): BenchResult => {
    const [error, zip] = [meanOf(byPattern[i]!.error), meanOf(byPattern[i]!.zip)];
    return {
      name: `${name}: error ${shown(error)} % beside dense ${shown(before)} %; gzip makes it ${shown(zip)} times smaller`,
      ours: error.mean,
      other: before.mean,
      ratio: error.mean / before.mean,
      unit: '%',
      goal: `at most ${goal} % points more`,
      met: error.mean <= before.mean + goal
    };
  });
  const zip = meanOf(byPattern.at(-1)!.zip);
  const tutorial: BenchResult = {
    name: "tfmot's tutorial: bytes, raw / gzip (tutorial: 3 times)",
    ours: zip.mean,
    other: 3,
    ratio: zip.mean / 3,
    unit: 'times',
    goal: 'at least 3',
    met: zip.mean >= 3
  };
  const energy = patternsToTry.flatMap(({ name }, i) => energyRows(name, byPattern[i]!.costs));
  return [...rows, tutorial, ...energy];
}
