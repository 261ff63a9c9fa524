import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../kernel-helpers/src/jit/index.ts';
import { tensorflow, useTensorFlow } from '../../kernel-helpers/src/runtime/index.ts';
import { assertClose, warningsOf } from './close.ts';

before(async () => void (await useTensorFlow({ fallback: 'none' })));

describe('jit', () => {
  it('gives what the function gives, nested as it nests it', () => {
    const fn = ({ a }: { a: tf.Tensor }, [b, k]: [tf.Tensor, number]) => ({
      product: tf.mul(a, b),
      more: [tf.add(b, k), 'text', null] as const
    });
    const result = jit(fn)({ a: tf.tensor1d([1, 2]) }, [tf.tensor1d([3, 4]), 5]);
    assert.deepEqual(result.product.arraySync(), [3, 8]);
    assert.deepEqual(result.more[0].arraySync(), [8, 9]);
    assert.deepEqual(result.more.slice(1), ['text', null]);
  });

  it('records once for each combination of shapes, data types and plain values', () => {
    const f = jit((x: tf.Tensor, name: string) => (name === 'neg' ? tf.neg(x) : tf.abs(x)));
    f(tf.ones([2]), 'neg');
    f(tf.zeros([2]), 'neg');
    assert.equal(f.report().length, 1);
    f(tf.ones([2], 'int32'), 'neg');
    f(tf.ones([1, 2]), 'neg');
    f(tf.ones([2]), 'abs');
    assert.equal(f.report().length, 4);
  });

  it('reports what was compiled, when and how long it took', () => {
    const f = jit((x: tf.Tensor) => tf.square(x), { name: 'squared' });
    f(tf.ones([3]));
    f(tf.ones([3]));
    const [report] = f.report();
    assert.match(report!.name, /^jit_squared_\d+$/);
    assert.equal(report!.mode, 'xla');
    assert.equal(report!.calls, 2);
    assert.ok(report!.recordMs > 0 && report!.firstRunMs > 0);
    assert.ok(Math.abs(Date.parse(report!.recordedAt) - Date.now()) < 60_000);
  });

  it('frees all but its results', () => {
    const f = jit((x: tf.Tensor) => tf.exp(tf.add(tf.mul(x, 2), tf.scalar(1))));
    const x = tf.ones([10]);
    f(x).dispose();
    const { binding } = tensorflow().backend;
    const before = [tf.memory().numTensors, binding.getNumOfTensors()];
    for (let i = 0; i < 50; i++) f(x).dispose();
    assert.deepEqual([tf.memory().numTensors, binding.getNumOfTensors()], before);
  });

  it('keeps at most its capacity of recordings', () => {
    const f = jit((x: tf.Tensor) => tf.neg(x), { capacity: 2, compile: 'never' });
    for (const size of [1, 2, 3]) f(tf.ones([size]));
    assert.deepEqual(
      f.report().map(({ signature }) => signature),
      ['( float32[2] )', '( float32[3] )']
    );
  });

  it('differentiates inside, and from outside', () => {
    const slope = jit((x: tf.Tensor) => tf.grad(y => tf.sum(tf.tanh(y)))(x));
    const x = tf.tensor1d([0.5, -1]);
    const expected = tf.sub(1, tf.square(tf.tanh(x)));
    assertClose([slope(x)], [expected], 1e-6);
    const inner = jit((y: tf.Tensor) => tf.sum(tf.tanh(y)));
    assertClose([tf.grad(inner)(x)], [expected], 1e-6);
  });

  it("reads and writes variables, and makes an optimiser's own on the first call", () => {
    const train = (wrap: (step: () => tf.Scalar) => () => tf.Scalar): number[] => {
      const w = tf.variable(tf.tensor1d([1, -2]));
      const optimizer = tf.train.adam(0.1);
      const step = wrap(() => optimizer.minimize(() => tf.sum(tf.square(tf.sub(w, 3))), true)!);
      for (let i = 0; i < 20; i++) step().dispose();
      return [...w.dataSync()];
    };
    const [plain, fast] = [train(step => step), train(step => jit(step))];
    fast.forEach((value, i) => assert.ok(Math.abs(value - plain[i]!) < 1e-5));
  });

  it('sees what a variable holds at each call', () => {
    const w = tf.variable(tf.scalar(1));
    const f = jit(() => tf.mul(w, 10));
    assert.equal(f().arraySync(), 10);
    w.assign(tf.scalar(2));
    assert.equal(f().arraySync(), 20);
    assert.equal(f.report().length, 1);
  });

  it('leaves alone what shares its value with a variable that it writes', () => {
    const given = tf.tensor1d([1, 2]);
    const w = tf.variable(given);
    const add = jit(() => void w.assign(tf.add(w, 1)));
    const before = w.clone();
    add();
    const between = w.clone();
    assert.deepEqual(w.arraySync(), [2, 3]);
    add();
    add();
    assert.deepEqual(w.arraySync(), [4, 5]);
    assert.deepEqual(tf.mul(w, 1).arraySync(), [4, 5]);
    assert.deepEqual(
      [given, before, between].map(tensor => tensor.arraySync()),
      [
        [1, 2],
        [1, 2],
        [2, 3]
      ]
    );
    w.assign(tf.tensor1d([7, 7]));
    add();
    assert.deepEqual(w.arraySync(), [8, 8]);
  });

  it('frees what a variable held', () => {
    const { binding } = tensorflow().backend;
    const held = binding.getNumOfTensors();
    for (let i = 0; i < 3; i++) {
      const w = tf.tidy(() => tf.variable(tf.zeros([10])));
      const f = jit(() => void w.assign(tf.add(w, 1)));
      f();
      w.dataSync();
      f();
      f.dispose();
      w.dispose();
    }
    assert.equal(binding.getNumOfTensors(), held);
  });

  it('writes no variable where the function fails', () => {
    for (const compile of ['now', 'never'] as const) {
      const w = tf.variable(tf.scalar(1));
      const f = jit(
        (x: tf.Tensor) => {
          w.assign(tf.add(w, 1));
          return tf.gather(x, tf.tensor1d([9], 'int32'));
        },
        { compile }
      );
      if (compile === 'never') assert.throws(() => f(tf.ones([2])), { code: 'tensorflow/input' });
      else f(tf.ones([2]));
      assert.equal(w.arraySync(), compile === 'never' ? 1 : 2);
    }
  });

  it('runs in bfloat16 where asked to', () => {
    const f = jit((x: tf.Tensor) => tf.matMul(x, x), { precision: 'bf16' });
    const result = f(tf.fill([1, 1], 1.001));
    assert.equal(result.dtype, 'float32');
    assert.deepEqual(result.arraySync(), [[1]]);
  });

  it('runs a smaller last batch as it is, and compiles it when it comes again at once', () => {
    const f = jit((x: tf.Tensor) => tf.sum(x, 1));
    for (let epoch = 0; epoch < 3; epoch++) {
      f(tf.ones([8, 2]));
      f(tf.ones([8, 2]));
      assert.deepEqual(f(tf.ones([3, 2])).arraySync(), [2, 2, 2]);
    }
    assert.equal(f.report().length, 1);
    f(tf.ones([3, 2]));
    assert.equal(f.report().length, 2);
  });

  it('warns of a number that changes at each call, and names it', async () => {
    const f = jit((x: tf.Tensor, options: { rate: number }) => tf.mul(x, options.rate), {
      name: 'decayed',
      compile: 'never'
    });
    const warnings = await warningsOf(() => {
      for (let i = 0; i < 8; i++) f(tf.ones([2]), { rate: i / 8 });
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /decayed was recorded 5 times.*args\[1\]\.rate.*tf\.scalar/);
  });

  it('records again when a plain value it watches changes', () => {
    let rate = 2;
    const f = jit((x: tf.Tensor) => tf.mul(x, rate), { watch: () => rate });
    assert.equal(f(tf.scalar(3)).arraySync(), 6);
    rate = 5;
    assert.equal(f(tf.scalar(3)).arraySync(), 15);
  });

  it('records again when a tensor it captured was replaced', () => {
    let factor = tf.scalar(2);
    const f = jit((x: tf.Tensor) => tf.mul(x, factor));
    assert.equal(f(tf.scalar(3)).arraySync(), 6);
    factor.dispose();
    factor = tf.scalar(5);
    assert.equal(f(tf.scalar(3)).arraySync(), 15);
  });
});

describe('random tensors in jit', () => {
  const draws = (seed?: number): (() => number[][]) => {
    const f = jit(
      () => [
        tf.randomUniform([500], 5, 7),
        tf.randomNormal([500], 100, 3),
        tf.truncatedNormal([500], 0, 2),
        tf.randomUniform([500], 0, 10, 'int32'),
        tf.dropout(tf.ones([500]), 0.25)
      ],
      { seed }
    );
    return () => f().map(tensor => [...tensor.dataSync()]);
  };
  const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;

  it('follow their distributions', () => {
    const [uniform, normal, truncated, whole, kept] = draws(1)() as [
      number[],
      number[],
      number[],
      number[],
      number[]
    ];
    assert.ok(Math.min(...uniform) >= 5 && Math.max(...uniform) < 7);
    assert.ok(Math.abs(mean(uniform) - 6) < 0.15);
    assert.ok(Math.abs(mean(normal) - 100) < 0.8);
    assert.ok(Math.max(...truncated.map(Math.abs)) <= 4);
    assert.deepEqual([...new Set(whole)].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.ok(Math.abs(kept.filter(value => value === 0).length / 500 - 0.25) < 0.1);
    assert.ok(kept.every(value => value === 0 || Math.abs(value - 4 / 3) < 1e-6));
  });

  it('differ from call to call, and repeat with the seed', () => {
    const [a, b] = [draws(3), draws(3)];
    const first = a();
    assert.notDeepEqual(a(), first);
    assert.deepEqual(b(), first);
    assert.notDeepEqual(draws(4)(), first);
  });

  it('are the same in every call where the user gave a seed, as they are without jit', () => {
    const f = jit(() => tf.randomNormal([3], 0, 1, 'float32', 42));
    const plain = tf.randomNormal([3], 0, 1, 'float32', 42);
    assertClose([f(), f()], [plain, plain], 0);
  });

  it('leave Math.random and Object as they were', () => {
    const { random } = Math;
    jit(() => tf.randomUniform([2]))();
    assert.equal(Math.random, random);
    assert.ok(!('random' in Object.prototype));
  });
});

describe('what jit refuses', () => {
  const x = (): tf.Tensor => tf.ones([2]);
  const here = /jit\.test\.ts:\d+:\d+/;
  const refuses = (fn: (x: tf.Tensor) => unknown, code: string, message: RegExp): void => {
    assert.throws(() => jit(fn)(x()), { code, message });
    // The stage is cleared: what comes next runs.
    assert.deepEqual([...tf.add(x(), 1).dataSync()], [2, 2]);
  };

  it('reading a value, with the operation that made it and the line', () => {
    refuses(a => tf.add(a, 1).arraySync(), 'jit/read', /value of Add \[2\].*was read/);
    refuses(a => tf.add(a, 1).dataSync(), 'jit/read', here);
  });

  it('a branch on data', () => {
    refuses(a => (tf.sum(a).dataSync()[0]! > 0 ? a : tf.neg(a)), 'jit/read', /Sum.*tf\.where/);
  });

  it('an operation whose shape depends on data', () => {
    refuses(a => tf.unique(a as tf.Tensor1D).values, 'jit/record', /^UniqueV2: .*jit\.test\.ts/);
  });

  it('shapes that do not fit, with the line', () => {
    refuses(a => tf.matMul(tf.reshape(a, [1, 2]), tf.ones([3, 3])), 'jit/record', here);
  });

  it('numbers drawn in JavaScript', () => {
    refuses(a => tf.mul(a, Math.random()), 'jit/random', /Math\.random\(\).*tf\.randomUniform/);
    refuses(
      a =>
        tf.add(
          a,
          tf.rand([2], () => 1)
        ),
      'jit/random',
      /tf\.rand /
    );
    refuses(a => tf.add(a, tf.randomGamma([2], 1)), 'jit/random', /tf\.randomGamma/);
  });

  it('a function that is asynchronous', () => {
    refuses(async a => (await a.data())[0], 'jit/asynchronous', /returned a promise/);
  });

  it('arguments that are neither tensors nor plain', () => {
    assert.throws(() => jit((a: unknown) => a)(new Map()), {
      code: 'jit/argument',
      message: /args\[0\].*an object of Map/
    });
  });

  it('tensors and variables that were disposed of', () => {
    const gone = x();
    gone.dispose();
    assert.throws(() => jit((a: tf.Tensor) => a)(gone), { code: 'jit/disposed' });
    const captured = x();
    const f = jit((a: tf.Tensor) => tf.add(a, captured));
    f(x());
    captured.dispose();
    assert.throws(() => f(x()), { code: 'jit/disposed', message: here });
    const variable = tf.tidy(() => tf.variable(x()));
    const g = jit(() => tf.add(variable, 1));
    g();
    variable.dispose();
    assert.throws(() => g(), { code: 'jit/disposed', message: here });
  });

  it('disposing of a variable inside', () => {
    const variable = tf.variable(x(), true, 'short-lived');
    refuses(
      a => {
        variable.dispose();
        return a;
      },
      'jit/disposed',
      /short-lived/
    );
  });

  it('a tensor that leaves the recording by a side door', () => {
    let leaked = x();
    jit((a: tf.Tensor) => {
      leaked = tf.keep(tf.add(a, 1));
      return a;
    })(x());
    assert.throws(() => leaked.dataSync(), { code: 'jit/leaked' });
    assert.throws(() => tf.add(leaked, 1), { code: 'jit/leaked' });
  });
});
