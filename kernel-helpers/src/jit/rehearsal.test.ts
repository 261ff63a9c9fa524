import * as tf from '@tensorflow/tfjs';
import { Differs, Rehearsal } from './rehearsal.ts';

const standIn = () => tf.scalar(0);

describe('Rehearsal', () => {
  const events: ConstructorParameters<typeof Rehearsal>[0] = [
    { kind: 'number', place: 0 },
    { kind: 'operation', key: 'Mul 1', outputs: [{ shape: [2], dtype: 1 }] },
    { kind: 'number', place: 0 },
    { kind: 'constant', key: '1,2', shape: { shape: [2], dtype: 3 } }
  ];
  const follow = (second: number, constant: number[]): Rehearsal => {
    const rehearsal = new Rehearsal(events, standIn);
    rehearsal.written({}, Float32Array.of(0.5), [], 'float32');
    rehearsal.execute('Mul', [{ name: 'T', type: 3, value: 1 }]);
    rehearsal.written({}, Float32Array.of(second), [], 'float32');
    rehearsal.written({}, Int32Array.from(constant), [2], 'int32');
    return rehearsal;
  };

  it('collects the numbers of code that does what it did', () => {
    const rehearsal = follow(0.5, [1, 2]);
    expect(rehearsal.isOver).toBe(true);
    expect(rehearsal.numbers).toEqual([0.5]);
  });

  it('notices a number that left its group, another constant and another operation', () => {
    expect(() => follow(0.6, [1, 2])).toThrow(Differs);
    expect(() => follow(0.5, [1, 3])).toThrow(Differs);
    expect(() => new Rehearsal(events, standIn).execute('Mul', [])).toThrow(Differs);
  });

  it('computes of alike leaves the first alone, and others all', () => {
    const output = { shape: [2], dtype: 1 };
    const ofLeaves = (repeats: boolean) => [
      { kind: 'leaf' as const, length: 1, repeats: false, output },
      { kind: 'number' as const, place: 0 },
      { kind: 'leaf' as const, length: 1, repeats, output },
      { kind: 'number' as const, place: 0 }
    ];
    for (const repeats of [true, false]) {
      const rehearsal = new Rehearsal(ofLeaves(repeats), standIn);
      let computed = 0;
      const leaf = () => {
        computed++;
        rehearsal.written({}, Float32Array.of(0.5), [], 'float32');
        return tf.scalar(1);
      };
      for (let n = 0; n < 2; n++) rehearsal.leaf(leaf).dispose();
      expect(computed).toBe(repeats ? 1 : 2);
      expect(rehearsal).toMatchObject({ isOver: true, numbers: [0.5] });
    }
    expect(() => new Rehearsal(events, standIn).leaf(standIn)).toThrow(Differs);
  });
});
