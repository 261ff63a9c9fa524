import * as tf from '@tensorflow/tfjs';
import { autodiff } from '../../estimators/autodiff.ts';
import { coded } from '../../fixtures/coded.ts';
import { leakCheck, numbers } from '../../fixtures/leaks.ts';
import { hessian, hessianDiagonal, lamp, randomScore, taylor, type Values } from '../index.ts';

const { own } = leakCheck();
const at = { path: 'w', index: 0 };
const factors = [1, -2, 0.5, 3];

/** How much a loss changes when one of the parameters becomes 0. */
function changes(loss: (w: number[]) => number, w: number[]): number[] {
  return w.map((_, i) => loss(w.with(i, 0)) - loss(w));
}

function expectClose(found: Values, expected: readonly number[]): void {
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 4));
}

describe('a score says how much the loss changes when a weight becomes 0', () => {
  const w = [0.3, -1, 2, 0.7];

  it('exactly, for taylor, where the loss is linear', () => {
    const params = { w: own(tf.tensor1d(w)) };
    const loss = (p: typeof params): tf.Scalar => tf.sum(tf.mul(p.w, tf.tensor1d(factors)));
    const estimate = tf.tidy(() => autodiff()(loss, params).gradient.w);
    const gradient = Float32Array.from(numbers(own(estimate)));
    const exact = changes(x => x.reduce((sum, value, i) => sum + value * factors[i]!, 0), w);
    expectClose(taylor().of(Float32Array.from(w), { ...at, gradient }), exact.map(Math.abs));
  });

  it('exactly, for hessian, at the minimum of a quadratic loss of one curvature each', () => {
    const curvature = factors.map(Math.abs);
    const loss = (params: { w: tf.Tensor }): tf.Scalar => {
      const distance = tf.square(tf.sub(params.w, tf.tensor1d(w)));
      return tf.div(tf.sum(tf.mul(distance, tf.tensor1d(curvature))), 2);
    };
    const params = { w: own(tf.tensor1d(w)) };
    const diagonal = numbers(own(hessianDiagonal(loss, params, { probes: 1 })));
    expectClose(Float64Array.from(diagonal), curvature);
    const exact = changes(
      x => x.reduce((sum, value, i) => sum + (curvature[i]! * (value - w[i]!) ** 2) / 2, 0),
      w
    );
    const memory = Float32Array.from(diagonal);
    expectClose(hessian().of(Float32Array.from(w), { ...at, memory }), exact);
  });
});

describe('a score', () => {
  it('is the same for the same seed, and another for each tensor', () => {
    const draw = (seed: number, index: number): number[] => [
      ...randomScore(seed).of(new Float32Array(5), { path: 'w', index })
    ];
    expect(draw(1, 0)).toEqual(draw(1, 0));
    expect(draw(1, 0)).not.toEqual(draw(2, 0));
    expect(draw(1, 0)).not.toEqual(draw(1, 1));
  });

  it('of LAMP is 1 for the largest weight and 0 for zeros', () => {
    expect([...lamp().of(Float32Array.from([0, 2, 0]), at)]).toEqual([0, 1, 0]);
    expect([...lamp().of(new Float32Array(2), at)]).toEqual([0, 0]);
  });

  it.each([
    ['a decay of 1', () => hessian({ decay: 1 })],
    ['no loss', () => hessianDiagonal(undefined as never, {})],
    ['no probes', () => hessianDiagonal(() => tf.scalar(0), {}, { probes: 0 })],
    ['a step of 0', () => hessianDiagonal(() => tf.scalar(0), {}, { step: 0 })]
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(coded('input/value'));
  });

  it('of a loss that fails leaves no tensor behind', () => {
    const params = { w: own(tf.tensor1d([1, 2])) };
    expect(() => hessianDiagonal(() => tf.scalar(1), params)).toThrow(
      coded('estimator/no-gradient')
    );
  });
});
