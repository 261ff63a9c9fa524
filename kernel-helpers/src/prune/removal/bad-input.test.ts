import * as tf from '@tensorflow/tfjs';
import { leakCheck, numbers } from '../../fixtures/leaks.ts';
import * as prune from '../index.ts';
import { apply, freesModels, models } from './fixtures/models.ts';

leakCheck();
const { layers } = tf;

describe('bad input is refused by name, and leaves the model as it was', () => {
  const { keep } = freesModels();
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
