import { measure, prune, jit, type Energy } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';
import { setting } from './setting.ts';
import { energyRows } from './summary.ts';

const { layers } = tf;
const relu = 'relu' as const;

/** Models whose arithmetic, not their number of operations, takes the time. */
const models: Record<string, () => tf.LayersModel> = {
  dense: () =>
    tf.sequential({
      layers: [
        layers.dense({ units: 2048, inputShape: [784], activation: relu }),
        layers.dense({ units: 2048, activation: relu }),
        layers.dense({ units: 2048, activation: relu }),
        layers.dense({ units: 10 })
      ]
    }),
  conv: () =>
    tf.sequential({
      layers: [
        layers.conv2d({ filters: 64, kernelSize: 3, inputShape: [28, 28, 1], padding: 'same' }),
        layers.batchNormalization(),
        layers.reLU(),
        layers.conv2d({ filters: 64, kernelSize: 3, activation: relu, padding: 'same' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 128, kernelSize: 3, activation: relu, padding: 'same' }),
        layers.conv2d({ filters: 128, kernelSize: 3, activation: relu, padding: 'same' }),
        layers.globalAveragePooling2d({}),
        layers.dense({ units: 10 })
      ]
    })
};

/** Half the channels removed, beside half the weights set to 0, which saves nothing: the negative control. */
export async function channels(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const [name, make] of Object.entries(models)) {
    const model = make();
    const { model: smaller } = await prune.removeChannels(model, { sparsity: 0.5, multipleOf: 8 });
    const zeroed = make();
    const masks = prune.attach(zeroed, { masks: halfOf(zeroed) });
    for (const batch of [1, 128]) {
      const input = tf.randomUniform([batch, ...(model.inputs[0]!.shape.slice(1) as number[])]);
      const [whole, half, sparse] = times([model, smaller, zeroed], input);
      results.push(
        row(
          `half the channels of ${name}, batch ${batch}: ms an inference`,
          half!,
          whole!,
          'at least 1.6 times faster',
          whole! / half! >= 1.6
        ),
        row(
          `half the weights of ${name} at 0, batch ${batch}: the control`,
          sparse!,
          whole!,
          'no faster (within 15 %)',
          whole! / sparse! < 1.15
        )
      );
      input.dispose();
    }
    masks.strip();
    if (name === 'dense') results.push(...(await energy(model, smaller)));
  }
  return results;
}

function row(name: string, ours: number, other: number, goal: string, met: boolean): BenchResult {
  return { name, ours, other, ratio: ours / other, unit: 'ms', goal, met };
}

function halfOf(model: tf.LayersModel): prune.Masks {
  const weights = model.trainableWeights.map(weight => [weight.name, weight.read()] as const);
  return prune.makeMasks(Object.fromEntries(weights), { sparsity: 0.5 });
}

/** Times in ms that a tenth of the rounds stay below; the models take turns, so that all meet the same load. */
function times(models: readonly tf.LayersModel[], input: tf.Tensor): number[] {
  const rounds = setting.small ? 5 : 41;
  const runs = models.map(model => predictor(model));
  const taken: number[][] = models.map(() => []);
  for (let round = -3; round < rounds; round++) {
    runs.forEach((run, i) => {
      const start = performance.now();
      tf.tidy(() => void run(input).dataSync());
      if (round >= 0) taken[i]!.push(performance.now() - start);
    });
  }
  return taken.map(list => list.sort((a, b) => a - b)[Math.floor(list.length / 10)]!);
}

type Predictor = (input: tf.Tensor) => tf.Tensor;

function predictor(model: tf.LayersModel): Predictor {
  const apply = (input: tf.Tensor): tf.Tensor => model.apply(input) as tf.Tensor;
  return tf.getBackend() === 'tensorflow' ? jit(apply) : apply;
}

async function energy(model: tf.LayersModel, smaller: tf.LayersModel): Promise<BenchResult[]> {
  const input = tf.randomUniform([100, 784]);
  const [before, after] = [model, smaller].map(predictor) as [Predictor, Predictor];
  const tenThousand = (run: Predictor) => (): void => {
    for (let i = 0; i < 100; i++) tf.tidy(() => void run(input).dataSync());
  };
  // The first calls compile.
  tf.tidy(() => [before, after].forEach(run => run(input).dataSync()));
  const costs = { training: [] as Energy[], before: [] as Energy[], after: [] as Energy[] };
  for (let repeat = 0; repeat < setting.seeds.length; repeat++) {
    const removal = await measure('remove', async () => {
      const { model: again } = await prune.removeChannels(model, { sparsity: 0.5 });
      again.dispose();
    });
    costs.training.push(removal.energy);
    costs.before.push((await measure('before', tenThousand(before))).energy);
    costs.after.push((await measure('after', tenThousand(after))).energy);
  }
  input.dispose();
  return energyRows('half the channels, dense (training: the removal alone)', costs);
}
