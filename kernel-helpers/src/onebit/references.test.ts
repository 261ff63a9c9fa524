import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { applyUpdates, chain, scaleByLearningRate, type Transform } from '../optim/index.ts';
import { release } from '../tree.ts';
import * as onebit from './index.ts';

type Precisions<T> = Record<'float64' | 'float32', T>;
type Steps = Record<string, number[][]>;
interface Fixture {
  quantizers: {
    x: number[][];
    dy: number[][];
    cases: Record<string, Precisions<{ y: number[][]; gradient: number[][] }>>;
  };
  layers: {
    options: Record<string, unknown>;
    inputs: number[];
    kernel: number[];
    bias: number[];
    y: number[];
    gradients: [number[], number[]];
  }[];
  bop: {
    threshold: number;
    gamma: number;
    weights: number[][];
    gradients: number[][][];
    cases: Precisions<Steps>;
  };
  transforms: {
    theta: number[][];
    gradients: number[][][][];
    cases: Record<string, Precisions<Steps>>;
  };
}

const fixture = JSON.parse(
  readFileSync(join(__dirname, '../fixtures/onebit.json'), 'utf8')
) as Fixture;
const precisions = ['float64', 'float32'] as const;
const { own } = leakCheck();

/** The largest difference from nested arrays of the reference. */
function worst(ours: readonly number[], reference: readonly unknown[]): number {
  const expected = (reference as number[]).flat(4);
  expect(ours).toHaveLength(expected.length);
  return Math.max(...ours.map((value, index) => Math.abs(value - expected[index]!)));
}

describe('each quantizer has the values and gradients of larq', () => {
  const ours: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    steSign: x => onebit.steSign(x),
    'steSign unclipped': x => onebit.steSign(x, { clip: null }),
    approxSign: x => onebit.approxSign(x),
    swishSign: x => onebit.swishSign(x),
    'swishSign beta 2': x => onebit.swishSign(x, { beta: 2 }),
    magnitudeAwareSign: x => onebit.magnitudeAwareSign(x),
    ternary: x => onebit.ternary(x, { threshold: 0.0625, atThreshold: 'sign' }),
    'ternary mean': x => onebit.ternary(x, { threshold: 'mean', atThreshold: 'sign' }),
    doReFaActivations: x => onebit.doReFaActivations(x),
    doReFaWeights: x => onebit.doReFaWeights(x, { bits: 3 })
  };
  const { x, dy, cases } = fixture.quantizers;

  it('has a counterpart for every case of the fixture', () => {
    expect(Object.keys(ours).sort()).toEqual(Object.keys(cases).sort());
  });

  it.each(Object.keys(ours))('%s', name => {
    const at = own(tf.tensor2d(x));
    const y = own(tf.tidy(() => ours[name]!(at)));
    const loss = (t: tf.Tensor): tf.Tensor => tf.sum(tf.mul(ours[name]!(t), tf.tensor2d(dy)));
    const gradient = own(tf.tidy(() => tf.grad(loss)(at)));
    for (const precision of precisions) {
      expect(worst(numbers(y), cases[name]![precision].y)).toBeLessThan(1e-6);
      expect(worst(numbers(gradient), cases[name]![precision].gradient)).toBeLessThan(1e-5);
    }
  });
});

describe('each quantized layer computes and learns as in larq', () => {
  it.each(fixture.layers.map((layer, index) => [JSON.stringify(layer.options), index] as const))(
    '%s',
    (_, index) => {
      const { options, inputs, kernel, bias, y, gradients } = fixture.layers[index]!;
      const x = own(tf.tensor(inputs));
      const common = { inputQuantizer: 'steSign', inputShape: x.shape.slice(1) } as const;
      const layer =
        'units' in options
          ? onebit.binaryDense({ units: Number(options.units), ...common })
          : onebit.binaryConv2d({
              filters: Number(options.filters),
              kernelSize: Number(options.kernel_size),
              strides: Number(options.strides ?? 1),
              padding: options.padding as 'same',
              padValue: Number(options.pad_values ?? 0) as 0,
              ...common
            });
      const model = tf.sequential({ layers: [layer] });
      const weights = [own(tf.tensor(kernel)), own(tf.tensor(bias))];
      model.setWeights(weights);
      const out = own(layer.apply(x) as tf.Tensor);
      expect(worst(numbers(out), y)).toBeLessThan(1e-5);
      const variables = model.trainableWeights.map(weight => weight.read() as tf.Variable);
      const loss = () => tf.sum<tf.Scalar>(tf.sin(layer.apply(x) as tf.Tensor));
      const { value, grads } = tf.variableGrads(loss, variables);
      const byKernel = own(grads[variables[0]!.name]!);
      own([value, grads[variables[1]!.name]!]);
      expect(worst(numbers(byKernel), gradients[1])).toBeLessThan(1e-4);
      const byInput = own(tf.grad(t => tf.sum(tf.sin(layer.apply(t) as tf.Tensor)))(x));
      expect(worst(numbers(byInput), gradients[0])).toBeLessThan(1e-4);
      model.dispose();
    }
  );
});

describe('each optimiser reaches what its reference reaches', () => {
  const follow = (
    start: number[][],
    gradients: readonly number[][][],
    step: (
      params: tf.Tensor,
      state: unknown,
      gradient: tf.Tensor[]
    ) => { updates: tf.Tensor; state: unknown },
    first: (params: tf.Tensor) => unknown,
    count: number
  ): Record<number, number[]> => {
    const reached: Record<number, number[]> = {};
    let params: tf.Tensor = tf.tensor2d(start);
    let state = first(params);
    for (let index = 0; index < count; index++) {
      const workers = (gradients[index] as unknown as number[][][]).map(g => tf.tensor2d(g));
      const { updates, state: next } = step(params, state, workers);
      const moved = applyUpdates(params, updates);
      release([params, state as tf.Tensor, updates, ...workers], moved, next as tf.Tensor);
      [params, state] = [moved, next];
      reached[index + 1] = numbers(params);
    }
    release([params, state as tf.Tensor]);
    return reached;
  };
  const check = (reached: Record<number, number[]>, cases: Precisions<Steps>): void => {
    for (const precision of precisions) {
      for (const [step, expected] of Object.entries(cases[precision])) {
        expect(worst(reached[Number(step)]!, expected)).toBeLessThan(1e-4);
      }
    }
  };
  const single = (transform: Transform) => ({
    first: (params: tf.Tensor) => transform.init(params),
    step: (params: tf.Tensor, state: unknown, [gradient]: tf.Tensor[]) =>
      transform.update(gradient!, state as never, params) as { updates: tf.Tensor; state: unknown }
  });

  it('Bop, that of larq', () => {
    const { threshold, gamma, weights, gradients, cases } = fixture.bop;
    const { first, step } = single(onebit.bop({ threshold, gamma }));
    const wrapped = gradients.map(g => [g]) as unknown as number[][][];
    check(follow(weights, wrapped, step, first, gradients.length), cases);
  });

  it('error feedback, that of torch', () => {
    const { theta, gradients, cases } = fixture.transforms;
    const { first, step } = single(chain(scaleByLearningRate(0.05), onebit.errorFeedback()));
    const list = gradients as unknown as number[][][];
    check(follow(theta, list, step, first, 40), cases.errorFeedback!);
  });

  it.each([
    ['majorityVote', () => onebit.majorityVote(0.05)],
    ['oneBitAdam', () => onebit.oneBitAdamWorkers(0.05, { warmup: 4 })]
  ])('%s of three workers, that of torch', (name, make) => {
    const { theta, gradients, cases } = fixture.transforms;
    const transform = make();
    const step = (params: tf.Tensor, state: unknown, workers: tf.Tensor[]) =>
      transform.update(workers, state as never, params) as unknown as {
        updates: tf.Tensor;
        state: unknown;
      };
    const first = (params: tf.Tensor) => transform.init(params, 3);
    check(follow(theta, gradients as unknown as number[][][], step, first, 40), cases[name]!);
  });
});
