import * as tf from '@tensorflow/tfjs';
import { inspect } from 'node:util';
import { isTensor, printTensorsOf, tensorText } from './tensor.ts';

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

describe('printTensorsOf', () => {
  it('lets Node print tensors within other values', () => {
    printTensorsOf(tf);
    expect(inspect({ loss: tf.scalar(2), grid: [tf.ones([2, 2])] })).toBe(
      '{\n  loss: Tensor float32 [] 2,\n  grid: [ Tensor float32 [2, 2] [[1, 1], [1, 1]] ]\n}'
    );
    expect(inspect(tf.variable(tf.range(0, 100)))).toBe(
      'Tensor float32 [100] [0, 1, 2, 3, 4, 5, …]'
    );
  });
  it('leaves other libraries alone', () => {
    class Tensor {}
    printTensorsOf({ Tensor });
    printTensorsOf({});
    expect(inspect(new Tensor())).toBe('Tensor {}');
  });
});
