import * as tf from '@tensorflow/tfjs';
import { leakCheck } from '../../fixtures/leaks.ts';
import { tidy } from '../../tidy.ts';
import { addInBuckets } from './buckets.ts';

const { own } = leakCheck();

describe('gradients that travel in buckets', () => {
  const shapes = [[300, 400], [400], [200, 1500], [1500], [3, 2]];
  const gradients = (): tf.Tensor[] => shapes.map((shape, i) => tf.fill(shape, i + 1));

  it('come back in their order and shapes, the last layers first on their way', () => {
    const given = own(gradients());
    const sizes: number[] = [];
    const { gradients: sums, notes } = own(
      tidy(() =>
        addInBuckets(given, tf.tensor1d([7, 8]), values => {
          sizes.push(values.size);
          return tf.mul(values, 3);
        })
      )
    );
    expect(sizes).toEqual([2 + 6 + 1500 + 300_000, 400 + 120_000]);
    expect(sums.map(({ shape }) => shape)).toEqual(shapes);
    sums.forEach((sum, i) => {
      expect(own(tf.max(sum)).dataSync()[0]).toBe(3 * (i + 1));
      expect(own(tf.min(sum)).dataSync()[0]).toBe(3 * (i + 1));
    });
    expect([...notes.dataSync()]).toEqual([21, 24]);
  });

  it.each([
    [1, 5],
    [Infinity, 1]
  ])('of at least %s bytes each are %s', (bucketBytes, expected) => {
    let count = 0;
    const add = (values: tf.Tensor): tf.Tensor => {
      count++;
      return tf.clone(values);
    };
    own(tidy(() => addInBuckets(own(gradients()), tf.tensor1d([1]), add, bucketBytes)));
    expect(count).toBe(expected);
  });

  it('go at once when they are few', () => {
    let count = 0;
    const given = own([tf.ones([2])]);
    own(
      tidy(() =>
        addInBuckets(given, tf.tensor1d([1]), values => {
          count++;
          return tf.clone(values);
        })
      )
    );
    expect(count).toBe(1);
  });
});
