import * as tf from '@tensorflow/tfjs';
import { flatten, unflatten } from './structure.ts';

describe('flatten', () => {
  it('takes tensors out in order and nests others in their place', () => {
    const [a, b] = [tf.scalar(1), tf.scalar(2)];
    const flat = flatten({ x: [a, 'text', null], y: { z: b, k: 3 } }, 'args');
    expect(flat.leaves).toEqual([a, b]);
    expect(unflatten(flat.structure, i => flat.leaves[1 - i]!)).toEqual({
      x: [b, 'text', null],
      y: { z: a, k: 3 }
    });
  });

  it('signs shapes, data types and plain values', () => {
    const sign = (value: unknown): string => flatten(value, 'args').signature;
    expect(sign([tf.zeros([2, 3])])).toBe('( float32[2,3] )');
    expect(sign(tf.zeros([2], 'int32'))).not.toBe(sign(tf.zeros([2])));
    expect(sign({ k: 1 })).not.toBe(sign({ k: 2 }));
    expect(sign({ k: 1 })).not.toBe(sign({ k: '1' }));
    expect(sign([NaN])).not.toBe(sign([null]));
    expect(sign([0])).not.toBe(sign([-0]));
    expect(sign([[1], 2])).not.toBe(sign([[1, 2]]));
  });

  it('tells one variable from another', () => {
    const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
    expect(flatten(a, 'args').signature).not.toBe(flatten(b, 'args').signature);
  });

  it('finds the numbers, and leaves them out of the outline', () => {
    const [one, two] = [flatten([{ rate: 1 }], 'args'), flatten([{ rate: 2 }], 'args')];
    expect(one.outline).toBe(two.outline);
    expect([...two.numbers]).toEqual([['args[0].rate', 2]]);
  });

  it.each([
    ['a function', [() => 1], /args\[0\].*the function/],
    ['a Map', { m: new Map() }, /args\.m.*an object of Map/],
    ['a date', [new Date()], /an object of Date/]
  ])('refuses %s and says where it stands', (_, value, message) => {
    expect(() => flatten(value, 'args')).toThrow(message);
  });

  it('refuses a disposed tensor', () => {
    const gone = tf.zeros([4]);
    gone.dispose();
    expect(() => flatten([gone], 'args')).toThrow(/args\[0\].*\[4\].*disposed/);
  });

  it('takes records of another context, as cells of a notebook make them', () => {
    const foreign: unknown = Object.setPrototypeOf({ k: 1 }, Object.create(null) as object);
    expect(flatten(foreign, 'args').structure).toEqual({ record: { k: { value: 1 } } });
  });
});
