import { Differs, Rehearsal, sharedPlaces } from './numbers.ts';

describe('sharedPlaces', () => {
  it('lets numbers share a place that are equal in all rehearsals', () => {
    expect(
      sharedPlaces([
        [0.9, 0.1, 0.1, 0.9],
        [0.9, 0.1, 0.19, 0.9]
      ])
    ).toEqual([0, 1, 2, 0]);
    expect(sharedPlaces([])).toEqual([]);
  });
});

describe('Rehearsal', () => {
  const events: ConstructorParameters<typeof Rehearsal>[0] = [
    { kind: 'number', place: 0 },
    { kind: 'operation', key: 'Mul 1', outputs: [{ shape: [2], dtype: 1 }] },
    { kind: 'number', place: 0 },
    { kind: 'constant', key: '1,2', shape: { shape: [2], dtype: 3 } }
  ];
  const follow = (second: number, constant: number[]): Rehearsal => {
    const rehearsal = new Rehearsal(events);
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
    expect(() => new Rehearsal(events).execute('Mul', [])).toThrow(Differs);
  });
});
