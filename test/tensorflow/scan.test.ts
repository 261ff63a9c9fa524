import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../kernel-helpers/src/jit/index.ts';
import { useTensorFlow } from '../../kernel-helpers/src/runtime/index.ts';
import { assertClose } from './close.ts';

before(async () => void (await useTensorFlow({ fallback: 'none' })));

describe('jit.scan', () => {
  const rows = (): tf.Tensor2D =>
    tf.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6]
    ]);

  for (const compile of ['now', 'never'] as const) {
    it(`carries on and stacks outputs (compile: ${compile})`, () => {
      const factor = tf.variable(tf.scalar(2));
      const offset = tf.scalar(10);
      const loop = jit.scan(
        ({ sum, count }: { sum: tf.Tensor; count: tf.Tensor }, row: tf.Tensor) => ({
          carry: {
            sum: tf.add(tf.add(sum, tf.mul(row, factor)), offset),
            count: tf.add(count, tf.scalar(1, 'int32'))
          },
          output: [sum]
        }),
        3,
        { compile }
      );
      const { carry, outputs } = loop({ sum: tf.zeros([2]), count: tf.scalar(0, 'int32') }, rows());
      assert.deepEqual(carry.sum.arraySync(), [48, 54]);
      assert.equal(carry.count.arraySync(), 3);
      assert.deepEqual(outputs[0]!.arraySync(), [
        [0, 0],
        [12, 14],
        [28, 32]
      ]);
    });
  }

  it('trains as a loop of steps does', () => {
    const loss = (w: tf.Tensor, row: tf.Tensor): tf.Scalar =>
      tf.sum(tf.square(tf.sub(tf.mul(w, row), 1)));
    const step = (w: tf.Tensor, row: tf.Tensor): { carry: tf.Tensor; output: tf.Tensor } => {
      const { value, grad } = tf.valueAndGrad((v: tf.Tensor) => loss(v, row))(w);
      return { carry: tf.sub(w, tf.mul(grad, 0.01)), output: value };
    };
    let w: tf.Tensor = tf.ones([2]);
    const losses: tf.Tensor[] = [];
    for (const row of tf.unstack(rows())) {
      const next = step(w, row);
      w = next.carry;
      losses.push(next.output);
    }
    const { carry, outputs } = jit.scan(step, 3)(tf.ones([2]), rows());
    assertClose([carry, outputs], [w, tf.stack(losses)], 1e-5);
  });

  it('draws anew in each step', () => {
    const loop = jit.scan((x: tf.Tensor) => ({ carry: x, output: tf.randomUniform([]) }), 4, {
      seed: 1
    });
    const values = [
      ...loop(tf.scalar(0)).outputs.dataSync(),
      ...loop(tf.scalar(0)).outputs.dataSync()
    ];
    assert.equal(new Set(values).size, 8);
  });

  it('unrolls inside another jit function', () => {
    const loop = jit.scan((x: tf.Tensor) => ({ carry: tf.mul(x, 2), output: x }), 3);
    const f = jit((x: tf.Tensor) => loop(x));
    const { carry, outputs } = f(tf.scalar(1));
    assert.equal(carry.arraySync(), 8);
    assert.deepEqual(outputs.arraySync(), [1, 2, 4]);
  });

  it('refuses a carry that changes, a variable that is written and inputs of another length', () => {
    const grows = jit.scan((x: tf.Tensor) => ({ carry: tf.stack([x, x]), output: null }), 2);
    assert.throws(() => grows(tf.scalar(1)), {
      code: 'jit/scan',
      message: /carry on float32\[\], got float32\[2\]/
    });
    const w = tf.variable(tf.scalar(1), true, 'written');
    const writes = jit.scan((x: tf.Tensor) => {
      w.assign(x as tf.Scalar);
      return { carry: x, output: null };
    }, 2);
    assert.throws(() => writes(tf.scalar(1)), { code: 'jit/scan', message: /written/ });
    const reads = jit.scan(
      (x: tf.Tensor, y: tf.Tensor) => ({ carry: tf.add(x, y), output: null }),
      2
    );
    assert.throws(() => reads(tf.scalar(1), tf.ones([3])), {
      code: 'jit/scan',
      message: /2 slices.*\[3\]/
    });
    assert.throws(() => jit.scan((x: tf.Tensor) => ({ carry: x, output: x }), 1.5), {
      code: 'jit/scan'
    });
  });
});
