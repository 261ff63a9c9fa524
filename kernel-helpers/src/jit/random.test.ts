import * as tf from '@tensorflow/tfjs';
import { RandomWatch } from './random.ts';

function watched<T>(fn: (watch: RandomWatch) => T): T {
  const scope = (): string => (tf.engine().state.activeScope?.name ?? '').replace('__op', '');
  const watch = new RandomWatch(scope);
  watch.start();
  try {
    return fn(watch);
  } finally {
    watch.stop();
  }
}

/** What an operation was about to draw from, seen where it makes its tensor. */
function seen(draw: () => tf.Tensor): unknown {
  const engine = tf.engine();
  const makeTensor = engine.makeTensor.bind(engine);
  return watched(watch => {
    let found: unknown;
    engine.makeTensor = (...args) => {
      found ??= watch.take(args[2] ?? 'float32');
      return makeTensor(...args);
    };
    try {
      draw().dispose();
      return found;
    } finally {
      Reflect.deleteProperty(engine, 'makeTensor');
    }
  });
}

describe('RandomWatch', () => {
  it('sees the exact parameters of each distribution', () => {
    expect(seen(() => tf.randomUniform([1], -3, 7))).toEqual({
      kind: 'uniform',
      from: -3,
      range: 10
    });
    expect(seen(() => tf.randomNormal([4], 0.1, 2.5))).toEqual({
      kind: 'normal',
      mean: 0.1,
      deviation: 2.5
    });
    expect(seen(() => tf.truncatedNormal([2], 1, 3))).toEqual({
      kind: 'truncated',
      mean: 1,
      deviation: 3
    });
  });

  it('leaves a tensor that the user seeded, and one that is not random', () => {
    expect(seen(() => tf.randomUniform([2], 0, 1, 'float32', 7))).toBeUndefined();
    expect(seen(() => tf.tensor1d([1, 2]))).toBeUndefined();
  });

  it('refuses what can only be drawn in JavaScript', () => {
    expect(() => seen(() => tf.rand([2], () => 1))).toThrow(/tf\.rand draws in JavaScript/);
    expect(() => watched(() => Math.random())).toThrow(/Math\.random\(\)/);
  });

  it('leaves no trace', () => {
    const { random } = Math;
    seen(() => tf.randomUniform([2]));
    expect(Math.random).toBe(random);
    expect('random' in {}).toBe(false);
  });
});
