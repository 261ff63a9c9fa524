import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../kernel-helpers/src/jit/index.ts';
import { TensorFlowError, useTensorFlow } from '../../kernel-helpers/src/runtime/index.ts';

before(async () => void (await useTensorFlow({ fallback: 'none' })));

const outOfMemory = (error: unknown): boolean =>
  error instanceof TensorFlowError && error.code === 'tensorflow/memory';

// A file of its own, beside which others run: TensorFlow waits ten seconds each time for memory that somebody might free.
describe('TensorFlow', () => {
  it('survives running out of memory', () => {
    assert.throws(() => tf.fill([2 ** 20, 2 ** 20], 1), outOfMemory);
    assert.deepEqual([...tf.add(1, 1).dataSync()], [2]);
  });

  it('survives running out of memory in a compiled function', () => {
    const x = tf.ones([2 ** 19, 1]);
    for (const compile of ['now', 'never'] as const) {
      const square = jit(() => tf.matMul(x, x, false, true), { compile });
      assert.throws(() => square(), outOfMemory);
    }
    assert.deepEqual([...tf.add(1, 1).dataSync()], [2]);
  });
});
