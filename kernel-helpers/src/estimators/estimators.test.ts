import * as tf from '@tensorflow/tfjs';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { tidy } from '../tidy.ts';
import { linearRegression } from '../data/index.ts';
import { gradientDescent } from '../gradient-descent.ts';
import {
  autodiff,
  finiteDifferences,
  minibatch,
  parameterShift,
  type Estimate,
  type Estimator
} from './index.ts';
import { coded } from '../fixtures/coded.ts';

const { own } = leakCheck();
const params = () => own({ a: tf.tensor1d([0.3, -0.2]), b: tf.scalar(0.5), unused: tf.scalar(9) });
type Params = ReturnType<typeof params>;
const waves = ({ a, b }: Params): tf.Scalar => tf.tidy(() => tf.sum(tf.mul(tf.sin(a), tf.cos(b))));

function estimate(estimator: Estimator): Estimate<Params> {
  const at = params();
  const { loss, gradient } = tidy(() => estimator(waves, at));
  return { loss: own(loss), gradient: own(gradient) };
}

describe('an estimator', () => {
  const exact = [Math.cos(0.3), Math.cos(-0.2)].map(x => x * Math.cos(0.5));
  const ofB = -(Math.sin(0.3) + Math.sin(-0.2)) * Math.sin(0.5);

  it.each([
    ['autodiff', autodiff(), 6],
    ['finite differences', finiteDifferences(), 3],
    ['parameter shift', parameterShift(), 5],
    ['parameter shift by 1', parameterShift(1), 5]
  ])('finds the loss and the gradient: %s', (_, estimator, digits) => {
    const { loss, gradient } = estimate(estimator);
    expect(numbers(loss)[0]).toBeCloseTo((Math.sin(0.3) + Math.sin(-0.2)) * Math.cos(0.5), 5);
    [...exact, ofB, 0].forEach((x, i) => expect(numbers(gradient)[i]).toBeCloseTo(x, digits));
  });

  it('refuses steps of no length', () => {
    expect(() => finiteDifferences(0)).toThrow(coded('input/value'));
    expect(() => parameterShift(Math.PI)).toThrow(coded('input/value'));
  });
});

describe('minibatch', () => {
  const mse = (theta: tf.Tensor2D, batch: { inputs: tf.Tensor; targets: tf.Tensor }): tf.Scalar =>
    tf.mean(tf.square(tf.sub(tf.matMul(batch.inputs as tf.Tensor2D, theta), batch.targets)));

  it('is unbiased: the mean over an epoch is the full gradient', () => {
    const examples = linearRegression([1, 2], { examples: 12 });
    own({ ...examples });
    const theta = own(tf.tensor2d([[0.5], [0.5]]));
    const { loss, estimator } = minibatch(mse, examples, { batchSize: 4, seed: 5 });
    const full = own(tf.tidy(() => autodiff()(loss, theta).gradient));
    const parts = [1, 2, 3].map(() => own(tf.tidy(() => estimator(loss, theta).gradient)));
    const mean = own(tf.tidy(() => tf.div(tf.addN(parts), 3)));
    numbers(full).forEach((x, i) => expect(numbers(mean)[i]).toBeCloseTo(x, 4));
  });

  it('finds the weights of a regression', async () => {
    const examples = linearRegression([1, -2], { examples: 64, noise: 0 });
    own({ ...examples });
    const { loss, estimator } = minibatch(mse, examples, { batchSize: 8 });
    const start = own(tf.zeros<tf.Rank.R2>([2, 1]));
    const { theta } = await gradientDescent(loss, start, { estimator, alpha: 0.1, steps: 100 });
    expect(numbers(own(theta)).map(x => Math.round(x * 1e3) / 1e3)).toEqual([1, -2]);
  });
});
