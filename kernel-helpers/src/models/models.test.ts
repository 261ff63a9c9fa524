import * as tf from '@tensorflow/tfjs';
import { useWasm } from '../wasm.ts';
import { twoSpirals } from '../data/index.ts';
import { autodiff, finiteDifferences } from '../estimators/index.ts';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { adam } from '../optim/index.ts';
import { accuracy, crossEntropy, fit, type Network } from '../training/index.ts';
import { tidy } from '../tidy.ts';
import { leaves, release, type State } from '../tree.ts';
import { convolve, leNet300, leNet5, mlp, resNet, transformer } from './index.ts';
import { coded } from '../fixtures/coded.ts';

const { own } = leakCheck();
const size = (network: Network): number =>
  leaves(own(network.params as State)).reduce((sum, leaf) => sum + leaf.size, 0);

describe('a model', () => {
  it.each([
    ['LeNet-300-100', () => leNet300() as unknown as Network, 266_610, [2, 784], [2, 10]],
    ['LeNet-5', () => leNet5() as unknown as Network, 431_080, [2, 784], [2, 10]],
    ['a perceptron', () => mlp([2, 3, 1]) as unknown as Network, 13, [5, 2], [5, 1]],
    ['a ResNet', () => resNet() as unknown as Network, 6_276, [2, 8, 8, 1], [2, 10]]
  ])('%s has its number of parameters and its shapes', (_, make, parameters, input, output) => {
    const network = make();
    expect(size(network)).toBe(parameters);
    const result = own(tf.tidy(() => network.apply(network.params, tf.ones(input))));
    expect(result.shape).toEqual(output);
    expect(numbers(result).every(Number.isFinite)).toBe(true);
  });

  it('starts from its seed alone', () => {
    const [a, b, c] = [1, 1, 2].map(seed => numbers(own(mlp([3, 4], { seed }).params as State)));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  it('refuses sizes that make no model', () => {
    expect(() => mlp([3])).toThrow(coded('input/value'));
    expect(() => mlp([3, 1], { activation: 'gelu' as never })).toThrow('got "gelu"');
    expect(() => transformer({ vocabulary: 5, width: 10, heads: 4 })).toThrow(
      'a multiple of 4 heads'
    );
  });

  it('learns two spirals', async () => {
    await useWasm();
    const examples = twoSpirals({ examples: 100, noise: 0.01 });
    const network = mlp([2, 32, 32, 2]);
    const options = { loss: crossEntropy, optimizer: adam(0.02), batchSize: 100, steps: 400 };
    const { params } = await fit(network, examples, { ...options, untilLoss: 0.05 });
    const share = tf.tidy(() => accuracy(examples.targets, network.apply(params, examples.inputs)));
    [{ ...examples }, network.params, params].forEach(tree => release(tree));
    expect(share).toBeGreaterThan(0.95);
  });
});

describe('a convolution', () => {
  const x = () => own(tf.randomNormal<tf.Rank.R4>([2, 5, 5, 2], 0, 1, 'float32', 1));
  const layer = () =>
    own({
      filter: tf.randomNormal([3, 3, 2, 3], 0, 1, 'float32', 2),
      bias: tf.tensor1d([1, 2, 3])
    });

  it.each(['same', 'valid'] as const)(
    'with %s padding and its gradients are those of TensorFlow.js',
    padding => {
      const [input, params] = [x(), layer()];
      const weighted = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(y, tf.sin(y)));
      const ours = (filter: tf.Tensor, at: tf.Tensor): tf.Scalar =>
        weighted(convolve(at as tf.Tensor4D, { ...params, filter }, padding));
      const theirs = (filter: tf.Tensor, at: tf.Tensor): tf.Scalar =>
        weighted(
          tf.add(tf.conv2d(at as tf.Tensor4D, filter as tf.Tensor4D, 1, padding), params.bias)
        );
      const gradients = (f: typeof ours): number[] =>
        own(tf.grads(f)([params.filter, input])).flatMap(numbers);
      const [a, b] = [gradients(ours), gradients(theirs)];
      a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 3));
    }
  );

  it('can be trained on the WebAssembly backend', async () => {
    await useWasm();
    const network = leNet5();
    const data = {
      inputs: tf.randomUniform([4, 784], 0, 1, 'float32', 1),
      targets: tf.tensor1d([0, 1, 2, 3], 'int32')
    };
    const run = await fit(network, data, { loss: crossEntropy, optimizer: adam(1e-3), steps: 8 });
    expect(run.losses.at(-1)).toBeLessThan(run.losses[0]!);
    [network.params, { ...data }, run.params].forEach(tree => release(tree));
  });
});

describe('a transformer', () => {
  const make = () => {
    const network = transformer({ vocabulary: 5, context: 6, width: 8, heads: 2, blocks: 1 });
    own(network.params as State);
    return network;
  };
  const tokens = (...rows: number[][]) => own(tf.tensor2d(rows, undefined, 'int32'));

  it('sees no token that comes later', () => {
    const network = make();
    const logits = (row: number[]) =>
      numbers(own(tf.tidy(() => network.apply(network.params, tokens(row))))).slice(0, 10);
    expect(logits([1, 2, 3, 4])).toEqual(logits([1, 2, 0, 0]));
    expect(logits([1, 2, 3, 4])).not.toEqual(logits([2, 1, 3, 4]));
  });

  it('has the gradient that finite differences find', () => {
    const network = make();
    const input = tokens([1, 2, 3]);
    const loss = (params: typeof network.params): tf.Scalar =>
      tf.tidy(() => crossEntropy(tokens([2, 3, 4]), network.apply(params, input)));
    const [exact, near] = [autodiff(), finiteDifferences(0.002)].map(estimator =>
      numbers(own(tidy(() => estimator(loss, network.params).gradient)))
    ) as [number[], number[]];
    const worst = Math.max(...exact.map((x, i) => Math.abs(x - near[i]!)));
    expect(worst).toBeLessThan(5e-3);
  });

  it('refuses a sequence that is too long', () => {
    const network = make();
    expect(() => network.apply(network.params, tokens([0, 0, 0, 0, 0, 0, 0]))).toThrow(
      'expected token numbers of shape [examples, up to 6], got [1,7]'
    );
  });
});
