import * as tf from '@tensorflow/tfjs';
import { leakCheck, numbers } from '../../fixtures/leaks.ts';
import * as prune from '../index.ts';
import { roundHalfToEven } from '../select.ts';
import { chooseUnits, type WeightValues } from './choose-units.ts';
import { layerGraph } from './layer-graph.ts';

const { own } = leakCheck();
const { layers } = tf;
type Symbolic = tf.SymbolicTensor;
const open: tf.LayersModel[] = [];
const keep = <M extends tf.LayersModel>(model: M): M => {
  open.push(model);
  return model;
};
beforeEach(() => expect(open).toHaveLength(0));
// Their own `dispose` forgets the weights of shared layers.
const dispose = (): void =>
  open
    .splice(0)
    .flatMap(model => model.layers)
    .forEach(layer => layer.weights.forEach(weight => weight.dispose()));
const apply = (layer: tf.layers.Layer, ...inputs: Symbolic[]): Symbolic =>
  layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as Symbolic;
const relu = 'relu' as const;

function conv(name: string, filters: number, size = 3): tf.layers.Layer {
  return layers.conv2d({ name, filters, kernelSize: size, padding: 'same', activation: relu });
}

/** Models that between them meet every kind of layer that channels are followed through. */
const models: Record<string, () => tf.LayersModel> = {
  perceptron: () =>
    tf.sequential({
      layers: [
        layers.dense({ name: 'a', units: 8, inputShape: [5], activation: relu }),
        layers.dropout({ rate: 0.5 }),
        layers.dense({ name: 'b', units: 6, activation: 'tanh' }),
        layers.dense({ name: 'c', units: 3, activation: 'softmax' })
      ]
    }),
  convolutions: () =>
    tf.sequential({
      layers: [
        layers.conv2d({ name: 'a', filters: 6, kernelSize: 3, inputShape: [8, 8, 2] }),
        layers.batchNormalization({ name: 'n' }),
        layers.prelu({ name: 'p' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.depthwiseConv2d({ name: 'd', kernelSize: 2, depthMultiplier: 2 }),

        layers.separableConv2d({ name: 's', filters: 8, kernelSize: 1, depthMultiplier: 3 }),
        layers.flatten(),
        layers.dense({ name: 'b', units: 4, activation: relu }),
        layers.dense({ name: 'c', units: 3 })
      ]
    }),
  residual: () => {
    const input = tf.input({ shape: [6, 6, 1] });
    const stem = apply(conv('stem', 4), input);
    const inner = apply(conv('inner', 6), stem);
    const sum = apply(layers.add(), apply(conv('back', 4), inner), stem);
    const side = apply(conv('side', 3, 1), sum);
    const joined = apply(layers.concatenate(), sum, side, inner);
    const pooled = apply(layers.globalAveragePooling2d({}), joined);
    return tf.model({
      inputs: input,
      outputs: apply(layers.dense({ name: 'head', units: 2 }), pooled)
    });
  },
  'squeeze and excitation': () => {
    const input = tf.input({ shape: [6, 6, 1] });
    const x = apply(conv('x', 6), input);
    const pooled = apply(layers.globalAveragePooling2d({}), x);
    const gate = apply(layers.dense({ name: 'gate', units: 6, activation: 'sigmoid' }), pooled);
    const wide = apply(layers.reshape({ name: 'wide', targetShape: [1, 1, 6] }), gate);
    const scaled = apply(layers.multiply(), x, wide);
    return tf.model({
      inputs: input,
      outputs: apply(layers.dense({ name: 'head', units: 2 }), apply(layers.flatten(), scaled))
    });
  },
  'a shared layer and two inputs': () => {
    const [left, right] = [tf.input({ shape: [4] }), tf.input({ shape: [4] })];
    const shared = layers.dense({ name: 'shared', units: 6, activation: relu });
    const again = layers.dense({ name: 'again', units: 5, activation: relu });
    const own = apply(layers.dense({ name: 'own', units: 6, activation: relu }), right);
    const a = apply(again, apply(shared, left));
    const b = apply(again, own);
    const both = apply(layers.concatenate(), a, b, apply(shared, right));
    const [first, second] = ['first', 'second'].map(name =>
      apply(layers.dense({ name, units: 2 }), both)
    );
    return tf.model({ inputs: [left, right], outputs: [first!, second!] });
  },
  'transposed and one-dimensional convolutions': () => {
    const input = tf.input({ shape: [8], dtype: 'int32' });
    const words = apply(layers.embedding({ name: 'words', inputDim: 9, outputDim: 6 }), input);
    const line = apply(layers.conv1d({ name: 'line', filters: 5, kernelSize: 3 }), words);
    const grid = apply(layers.reshape({ name: 'grid', targetShape: [2, 3, 5] }), line);
    const up = apply(layers.conv2dTranspose({ name: 'up', filters: 4, kernelSize: 2 }), grid);
    const flat = apply(layers.globalMaxPooling2d({}), up);
    return tf.model({
      inputs: input,
      outputs: apply(layers.dense({ name: 'head', units: 2 }), flat)
    });
  }
};

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
  afterEach(dispose);

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

describe('bad input is refused by name, and leaves the model as it was', () => {
  afterEach(dispose);
  const nested = (): tf.LayersModel => {
    const input = tf.input({ shape: [5] });
    const inner = apply(
      tf.sequential({
        name: 'inside',
        layers: [layers.dense({ units: 4, inputShape: [6] })]
      }),
      apply(layers.dense({ name: 'before', units: 6 }), input)
    );
    return tf.model({
      inputs: input,
      outputs: apply(layers.dense({ name: 'after', units: 2 }), inner)
    });
  };
  const recurrent = (): tf.LayersModel =>
    tf.sequential({
      layers: [
        layers.dense({ name: 'a', units: 4, inputShape: [3, 2] }),
        layers.permute({ name: 'turn', dims: [2, 1] }),
        layers.dense({ name: 'b', units: 2 })
      ]
    });

  it('what is no Layers model', async () => {
    const run = prune.removeChannels({ params: {} } as never, { sparsity: 0.5 });
    await expect(run).rejects.toMatchObject({ code: 'input/structure' });
  });

  it.each<[string, () => tf.LayersModel, prune.ChannelOptions, string, string]>([
    ['a sparsity of 1', models.perceptron!, { sparsity: 1 }, 'input/value', 'the sparsity of a'],
    [
      'a layer that is not there',
      models.perceptron!,
      { sparsity: 0.5, layers: ['z'] },
      'input/value',
      'got z'
    ],
    [
      'an output',
      models.perceptron!,
      { sparsity: 0.5, layers: ['c'] },
      'input/value',
      'got c: c: its softmax'
    ],
    [
      'what a nested model reads',
      nested,
      { sparsity: 0.5, layers: ['before'] },
      'input/value',
      'inside: channels cannot be followed through a layer of class Sequential'
    ],
    [
      'what is turned',
      recurrent,
      { sparsity: 0.5 },
      'input/empty',
      'a: turn: channels cannot be followed through a layer of class Permute'
    ],
    [
      'sparsities for the global scope',
      models.perceptron!,
      { sparsity: () => 0.5, scope: 'global' },
      'input/value',
      'global'
    ],
    [
      'a multiple of 0',
      models.perceptron!,
      { sparsity: 0.5, multipleOf: 0 },
      'input/value',
      'multipleOf'
    ],
    [
      'a score without gradients',
      models.perceptron!,
      { sparsity: 0.5, score: prune.taylor() },
      'input/value',
      'a/kernel'
    ]
  ])('%s', async (_, make, options, code, text) => {
    const model = keep(make());
    const before = model.getWeights().map(numbers);
    await expect(prune.removeChannels(model, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as string
    });
    expect(model.getWeights().map(numbers)).toEqual(before);
  });
});
