import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coded } from '../../fixtures/coded.ts';
import { leakCheck, numbers } from '../../fixtures/leaks.ts';
import { layersFiles } from '../../io/index.ts';
import { layersNetwork } from '../../training/index.ts';
import * as prune from '../index.ts';

const { own } = leakCheck();

function makeModel(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ name: 'a', units: 8, inputShape: [4], activation: 'relu' }),
      tf.layers.dense({ name: 'b', units: 1 })
    ]
  });
}

const zerosOf = (model: tf.LayersModel): number =>
  prune
    .sparsityReport(layersNetwork(model).params)
    .layers.reduce((sum, { zeros, shape }) => sum + (shape.length > 1 ? zeros : 0), 0);

async function train(model: tf.LayersModel, callbacks?: tf.CustomCallbackArgs): Promise<number[]> {
  const x = own(tf.randomNormal([20, 4], 0, 1, 'float32', 1));
  const y = own(tf.sum(own(x.slice([0, 0], [20, 2])), 1, true));
  const { history } = await model.fit(x, y, { epochs: 10, batchSize: 10, verbose: 0, callbacks });
  return history.loss as number[];
}

describe('masks on a Layers model', () => {
  it('follow the schedule while the model learns, and leave zeros behind', async () => {
    const model = makeModel();
    const schedule = prune.polynomialDecay({ to: 0.5, end: 8, every: 4 });
    const pruning = prune.attach(model, { schedule });
    const inner = tf.train.adam(0.05);
    model.compile({ optimizer: pruning.optimizer(inner), loss: 'meanSquaredError' });
    const losses = await train(model, pruning.callbacks());
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(prune.countKept(pruning.masks)).toEqual({ kept: 20, all: 40 });
    expect(zerosOf(model)).toBe(20);
    pruning.strip();
    expect(zerosOf(model)).toBe(20);
    [model, inner].forEach(part => part.dispose());
  });

  it('come back with a saved model, and hold while it is trained on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'joulebook-prune-'));
    const model = makeModel();
    const masks = own(prune.makeMasks(layersNetwork(model).params, { sparsity: 0.75 }));
    await model.save(layersFiles(folder));
    await prune.saveMasks(join(folder, 'masks.safetensors'), masks, model);
    model.dispose();

    const again = await tf.loadLayersModel(layersFiles(folder));
    const read = own(await prune.loadMasks(join(folder, 'masks.safetensors'), again));
    rmSync(folder, { recursive: true });
    const pruning = prune.attach(again, { masks: read });
    expect(zerosOf(again)).toBe(30);
    const inner = tf.train.adam(0.01);
    again.compile({ optimizer: pruning.optimizer(inner), loss: 'meanSquaredError' });
    await train(again);
    expect(zerosOf(again)).toBe(30);
    pruning.strip();
    [again, inner].forEach(part => part.dispose());
  });

  it('of other shapes are refused, and the model is left as it was', () => {
    const model = makeModel();
    const before = model.getWeights().map(numbers);
    const [name] = Object.keys(layersNetwork(model).params);
    const masks = own({ [name!]: tf.zeros([4, 9], 'bool') });
    expect(() => prune.attach(model, { masks })).toThrow(coded('input/shape'));
    expect(() => prune.attach(model, {})).toThrow('got neither');
    expect(() => prune.attach(model, { schedule: 0.5 as never })).toThrow('got 0.5');
    expect(() => prune.attach({} as never, { masks })).toThrow(coded('input/structure'));
    expect(model.getWeights().map(numbers)).toEqual(before);
    model.dispose();
  });
});
