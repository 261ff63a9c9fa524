import * as tf from '@tensorflow/tfjs';
import { leakCheck, numbers } from '../../fixtures/leaks.ts';
import * as prune from '../index.ts';
import { roundHalfToEven } from '../select.ts';
import { chooseUnits, type WeightValues } from './choose-units.ts';
import { freesModels, models } from './fixtures/models.ts';
import { layerGraph } from './layer-graph.ts';

const { own } = leakCheck();
const { layers } = tf;

function weightsOf(model: tf.LayersModel): Map<string, WeightValues> {
  return new Map(
    model.layers.flatMap(layer =>
      layer.weights.map(weight => {
        const values = Float32Array.from(weight.read().dataSync());
        return [weight.name, { shape: weight.shape as number[], values }] as const;
      })
    )
  );
}

/** Biases, factors and running means that are not 0 and 1, so that a mistake shows. */
function disturb(model: tf.LayersModel): void {
  let seed = 1;
  for (const { weights } of model.layers) {
    for (const weight of weights) {
      tf.tidy(() => {
        weight.write(tf.randomUniform(weight.shape as number[], 0.1, 1, 'float32', seed++));
      });
      const signs = tf.tidy(() =>
        tf.mul(
          weight.read(),
          tf.sign(tf.randomNormal(weight.shape as number[], 0, 1, 'float32', seed++))
        )
      );
      if (weight.originalName.includes('kernel')) weight.write(signs);
      signs.dispose();
    }
  }
}

/** Cuts what reads the units that go: what is left must be what the smaller model computes. */
function silence(model: tf.LayersModel, options: prune.UnitOptions): void {
  const graph = layerGraph(model);
  const gone = chooseUnits(graph, weightsOf(model), options);
  for (const layer of model.layers) {
    for (const weight of layer.weights) {
      for (const { axis, unitOf, role } of graph.axes.filter(at => at.weight === weight.name)) {
        if (role !== 'in') continue;
        const shape = weight.shape.map((_, i) => (i === axis ? unitOf.length : 1));
        const bits = Float32Array.from(unitOf, unit => (gone.has(unit) ? 0 : 1));
        tf.tidy(() => {
          weight.write(tf.mul(weight.read(), tf.tensor(bits, shape)));
        });
      }
    }
  }
}

function outputOf(model: tf.LayersModel): number[] {
  const inputs = model.inputs.map(({ shape, dtype }, i) => {
    const size = [3, ...(shape.slice(1) as number[])];
    return own(
      dtype === 'int32'
        ? tf.randomUniformInt(size, 0, 9, i + 1)
        : tf.randomNormal(size, 0, 1, 'float32', i + 1)
    );
  });
  return numbers(own(model.predict(inputs) as tf.Tensor));
}

describe('removing channels', () => {
  const { keep } = freesModels();

  it.each(Object.keys(models))(
    'from %s gives what the model gives when nothing reads them',
    async name => {
      const model = keep(models[name]!());
      disturb(model);
      const options = { sparsity: 0.5, score: prune.magnitude() };
      const before = model.getWeights().map(numbers);
      const {
        model: smaller,
        layers: report,
        parameters
      } = await prune.removeChannels(model, options);
      keep(smaller);
      expect(model.getWeights().map(numbers)).toEqual(before);
      expect(parameters.after).toBe(smaller.countParams());
      expect(parameters.after).toBeLessThan(parameters.before);
      for (const { layer, before, after, reason } of report) {
        expect([layer, after]).toEqual([
          layer,
          reason ? before : before - roundHalfToEven(before / 2)
        ]);
      }
      silence(model, options);
      const [expected, found] = [outputOf(model), outputOf(smaller)];
      found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3));
    }
  );

  it('joins what is added, and says why the others stay', async () => {
    const model = keep(models.residual!());
    const { layers: report, model: smaller } = await prune.removeChannels(model, {
      sparsity: 0.5,
      layers: ['back']
    });
    keep(smaller);
    const after = Object.fromEntries(report.map(({ layer, after }) => [layer, after]));
    expect(after).toEqual({ stem: 2, back: 2, inner: 6, side: 3, head: 2 });
    expect(report.at(-1)!.reason).toBe('it is an output of the model');
  });

  it('by the scale of batch normalisations takes the channels that are scaled to nothing', async () => {
    const model = keep(
      tf.sequential({
        layers: [
          layers.dense({ name: 'a', units: 4, inputShape: [2] }),
          layers.batchNormalization({ name: 'n' }),
          layers.dense({ name: 'b', units: 1 })
        ]
      })
    );
    const gamma = own(tf.tensor1d([1, 0.01, -2, 0]));
    model.getLayer('n').weights[0]!.write(gamma);
    const { model: smaller } = await prune.removeChannels(model, {
      sparsity: 0.5,
      score: prune.bnScale()
    });
    keep(smaller);
    expect(numbers(smaller.getLayer('n').getWeights()[0]!)).toEqual([1, -2]);
    const bare = keep(models.perceptron!());
    await expect(
      prune.removeChannels(bare, { sparsity: 0.5, score: prune.bnScale() })
    ).rejects.toThrow('a batch normalisation after a');
  });

  it('globally, rounds to multiples and leaves at least one of each', async () => {
    const model = keep(models.perceptron!());
    const all = { sparsity: 0.95, scope: 'global' } as const;
    const least = await prune.removeChannels(model, all);
    const four = await prune.removeChannels(model, { ...all, multipleOf: 4 });
    [least, four].forEach(({ model }) => keep(model));
    expect(least.layers.every(({ after }) => after >= 1)).toBe(true);
    expect(four.layers.map(({ after }) => after)).toEqual([4, 4, 3]);
  });

  it('survives training: the smaller model learns', async () => {
    const model = keep(models.residual!());
    const { model: smaller } = await prune.removeChannels(model, { sparsity: 0.5 });
    keep(smaller);
    const optimizer = tf.train.sgd(0.01);
    smaller.compile({ optimizer, loss: 'meanSquaredError' });
    const [x, y] = [own(tf.ones([4, 6, 6, 1])), own(tf.ones([4, 2]))];
    const history = await smaller.fit(x, y, { epochs: 3, verbose: 0 });
    const losses = history.history.loss as number[];
    expect(losses[2]).toBeLessThan(losses[0]!);
    optimizer.dispose();
  });
});
