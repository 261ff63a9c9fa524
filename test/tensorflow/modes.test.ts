import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../kernel-helpers/src/jit/index.ts';
import { useTensorFlow } from '../../kernel-helpers/src/runtime/index.ts';
import { assertClose, warningsOf } from './close.ts';

before(async () => void (await useTensorFlow({ fallback: 'none', device: 'cpu' })));

describe('what jit compiles', () => {
  it('is compiled in the background while plain calls run, and goes on the quicker way', async () => {
    const f = jit((x: tf.Tensor) => tf.softmax(tf.matMul(x, x)), { compile: 'background' });
    const first = f(tf.eye(4));
    assert.equal(f.report()[0]!.mode, 'compiling');
    await f.ready();
    for (let call = 0; call < 10; call++) {
      assert.equal(f.report()[0]!.mode, 'comparing');
      assertClose([f(tf.eye(4))], [first], 1e-6);
    }
    const { mode, note } = f.report()[0]!;
    // Which one that is, is the machine's to say.
    if (mode === 'plain')
      assert.match(note!, /^without XLA a call took .* ms here, with it .* ms$/);
    else assert.deepEqual([mode, note], ['xla', undefined]);
    assertClose([f(tf.eye(4))], [first], 1e-6);
  });

  it('writes variables once while it is compiled in the background', async () => {
    const w = tf.variable(tf.scalar(0));
    const f = jit(() => void w.assign(tf.add(w, 1)), { compile: 'background' });
    f();
    await f.ready();
    assert.equal(w.arraySync(), 1);
    for (let call = 2; call < 14; call++) {
      f();
      assert.equal(w.arraySync(), call);
    }
  });

  it('is not a function whose convolutions outweigh all else, on a processor', async () => {
    const filter = tf.randomUniform<tf.Rank.R4>([5, 5, 8, 16], -1, 1, 'float32', 1);
    const slope = tf.grad(f => tf.sum(tf.square(tf.conv2d(images, f as tf.Tensor4D, 1, 'same'))));
    let images = tf.randomUniform<tf.Rank.R4>([1, 12, 12, 8], -1, 1, 'float32', 2);
    const modeOf = (compile: 'now' | 'background'): [string, string | undefined] => {
      const f = jit((f: tf.Tensor) => slope(f), { compile });
      assertClose([f(filter)], [slope(filter)], 2e-2);
      const [report] = f.report();
      return [report!.mode, report!.note];
    };
    const warnings = await warningsOf(() => {
      assert.deepEqual(modeOf('now'), ['xla', undefined]);
      images = tf.randomUniform([32, 12, 12, 8], -1, 1, 'float32', 3);
      for (const compile of ['now', 'background'] as const) {
        const [mode, note] = modeOf(compile);
        // oneDNN serves this kind of processor alone.
        if (process.arch !== 'x64') continue;
        assert.equal(mode, 'plain');
        assert.match(note!, /convolutions of \d+ million products run faster without XLA/);
      }
    });
    assert.deepEqual(warnings, []);
    // The processor emulates a lower precision, XLA less slowly and less roughly.
    const low = jit((f: tf.Tensor) => slope(f), { precision: 'bf16' });
    low(filter).dispose();
    assert.equal(low.report()[0]!.mode, 'xla');
  });

  it('falls back to a plain function for an operation that XLA lacks, and says so once', async () => {
    const boxes = tf.tensor2d([[0, 0, 1, 1]]);
    const f = jit(
      (x: tf.Tensor4D) => tf.image.cropAndResize(x, boxes, tf.tensor1d([0], 'int32'), [2, 2]),
      { name: 'crop' }
    );
    const warnings = await warningsOf(() => {
      f(tf.ones([1, 4, 4, 1]));
      f(tf.ones([1, 4, 4, 1]));
      f(tf.ones([1, 6, 6, 1]));
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^crop runs as a plain.*CropAndResize at .*modes\.test\.ts:\d+/);
    assert.equal(f.report()[0]!.mode, 'plain');
  });
});

describe('gradients that TensorFlow has operations for', () => {
  // TensorFlow.js's own formulas of the slopes.
  type Elementwise = (x: tf.Tensor) => tf.Tensor;
  const cases: Record<string, readonly [Elementwise, Elementwise]> = {
    relu: [tf.relu, x => tf.step(x)],
    relu6: [tf.relu6, x => tf.mul(tf.step(x), tf.cast(tf.lessEqual(x, 6), 'float32'))],
    sigmoid: [tf.sigmoid, x => tf.mul(tf.sigmoid(x), tf.sub(1, tf.sigmoid(x)))],
    tanh: [tf.tanh, x => tf.sub(1, tf.square(tf.tanh(x)))]
  };
  const x = (): tf.Tensor => tf.tensor1d([-2, -0.5, 0, 0.5, 5, 7]);
  const dy = (): tf.Tensor => tf.tensor1d([1, 2, 3, 4, 5, 6]);

  for (const [name, [fn, slope]] of Object.entries(cases)) {
    it(`are those of TensorFlow.js: ${name}`, () => {
      const gradient = (at: tf.Tensor, by: tf.Tensor): tf.Tensor => tf.grad(fn)(at, by);
      const expected = tf.mul(dy(), slope(x()));
      assertClose([gradient(x(), dy())], [expected], 1e-6);
      assertClose([jit(gradient)(x(), dy())], [expected], 1e-6);
    });
  }

  for (const name of ['relu', 'relu6']) {
    it(`are differentiated again: ${name}`, () => {
      const [rectify, slope] = cases[name]!;
      const cubed = (at: tf.Tensor): tf.Tensor => tf.sum(tf.pow(rectify(at), tf.scalar(3)));
      const second = tf.grad(at => tf.sum(tf.grad(cubed)(at)));
      assertClose([second(x())], [tf.mul(tf.mul(6, rectify(x())), slope(x()))], 1e-5);
    });
  }

  // TensorFlow.js loses the way from an output that it kept back to the input, whatever the gradient: only the part can be tested.
  const byOutput = {
    SigmoidGrad: (y: tf.Tensor) => tf.sub(1, tf.mul(2, y)),
    TanhGrad: (y: tf.Tensor) => tf.mul(-2, y)
  };
  for (const [name, slope] of Object.entries(byOutput)) {
    it(`are differentiated by what the function gave: ${name}`, () => {
      const by = tf.grad(y => tf.engine().runKernel<tf.Tensor>(name, { dy: dy(), kept: y }));
      assertClose([by(x())], [tf.mul(dy(), slope(x()))], 1e-5);
    });
  }

  it('stay as they are on another backend', async () => {
    await tf.setBackend('cpu');
    try {
      assert.deepEqual(
        [
          ...tf
            .grad(tf.relu)(tf.tensor1d([-1, 2]), tf.tensor1d([3, 4]))
            .dataSync()
        ],
        [0, 4]
      );
    } finally {
      await tf.setBackend('tensorflow');
    }
  });
});
