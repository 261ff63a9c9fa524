import * as tf from '@tensorflow/tfjs';
import { leakCheck, numbers } from './fixtures/leaks.ts';
import { checkAlike, leaves, mapTree, release, zipTrees } from './tree.ts';

const { own } = leakCheck();
const tree = () =>
  own({
    weight: tf.tensor2d([[1, 2]]),
    layers: [tf.tensor1d([3]), { bias: tf.scalar(4) }] as const
  });

describe('a tree of tensors', () => {
  it('is walked in the order of its arrays and keys', () => {
    const paths: string[] = [];
    mapTree(tree(), (leaf, path) => (paths.push(path), leaf));
    expect(paths).toEqual(['weight', 'layers.0', 'layers.1.bias']);
  });

  it('keeps its structure when mapped', () => {
    const doubled = own(mapTree(tree(), leaf => tf.mul(leaf, 2)));
    expect(numbers(doubled.layers[1])).toEqual([8]);
    expect(numbers(doubled)).toEqual([2, 4, 6, 8]);
  });

  it('may be a single tensor', () => {
    const one = own(tf.scalar(1));
    expect(leaves(one)).toEqual([one]);
  });

  it('is combined leaf by leaf with another of its structure', () => {
    const sum = own(zipTrees((a, b) => tf.add(a, b), tree(), tree()));
    expect(numbers(sum)).toEqual([2, 4, 6, 8]);
  });

  it('names the place of a leaf that is missing, extra, misshapen or disposed of', () => {
    const expected = own({ a: tf.zeros([2]), b: tf.zeros([1]) });
    const gone = tf.zeros([1]);
    gone.dispose();
    const bad = (actual: Parameters<typeof checkAlike>[1]) => () =>
      checkAlike(expected, own(actual));
    expect(bad({ a: tf.zeros([2]) })).toThrow('expected a tensor at b, found a');
    expect(bad({ a: tf.zeros([2]), b: tf.zeros([1]), c: tf.zeros([1]) })).toThrow(
      'at c where none'
    );
    expect(bad({ a: tf.zeros([3]), b: tf.zeros([1]) })).toThrow('expected shape [2] at a, got [3]');
    expect(bad({ a: tf.zeros([2]), b: gone })).toThrow('shape [1] was disposed of');
  });

  it('is freed except for what is still held', () => {
    const { weight, layers } = tree();
    release({ weight, layers }, [weight]);
    expect(weight.isDisposed).toBe(false);
    expect(layers[0].isDisposed).toBe(true);
  });
});
