import { fromHalf, toHalf } from './half.ts';

describe('half precision', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_519, 0x7bff],
    [65_520, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [3 * 2 ** -25, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -11, 0x4000],
    [NaN, 0x7e00]
  ])('%d has the bits %i of IEEE 754', (value, bits) => {
    expect([...toHalf(Float32Array.of(value))]).toEqual([bits]);
  });

  it('keeps every number that it can hold', () => {
    const all = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i).filter(
      bits => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0
    );
    expect(toHalf(fromHalf(all))).toEqual(all);
  });
});
