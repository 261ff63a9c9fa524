import * as tf from '@tensorflow/tfjs';
import { isTensor, tensorText } from './tensor.ts';

describe('tensorText', () => {
  it('shows small tensors whole', () => {
    expect(
      tensorText(
        tf.tensor2d([
          [1, 2],
          [3, 4.5]
        ])
      )
    ).toBe('Tensor float32 [2, 2]\n[[1, 2],\n [3, 4.5]]');
    expect(tensorText(tf.scalar(true))).toBe('Tensor bool []\n1');
  });
  it('reads of a large tensor only the first values, and leaves none behind', () => {
    const big = tf.range(0, 1000);
    const before = tf.memory().numTensors;
    expect(tensorText(big)).toBe('Tensor float32 [1000]\n[0, 1, 2, 3, 4, 5, …]');
    expect(tf.memory().numTensors).toBe(before);
  });
  it('tells of a tensor that is gone', () => {
    const gone = tf.scalar(1);
    gone.dispose();
    expect(tensorText(gone)).toBe('Tensor float32 [] (disposed)');
  });
  it('knows tensors from other things', () => {
    expect(isTensor(tf.scalar(1))).toBe(true);
    expect(isTensor({ shape: [1], dtype: 'int32' })).toBe(false);
  });
});
