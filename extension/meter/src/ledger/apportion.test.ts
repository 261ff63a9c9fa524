import { apportion } from './apportion.ts';

describe('apportion', () => {
  it('gives the largest remainders the microjoules that rounding left', () => {
    expect(apportion(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(apportion(7, [0.5, 0.3, 0.2])).toEqual([4, 2, 1]);
  });

  it('adds up for weights of any size', () => {
    const weights = [1e-12, 3e9, 0.1, 7, 0];
    for (const total of [0, 1, 2, 999_999_937, 2 ** 52]) {
      const parts = apportion(total, weights);
      expect(parts.reduce((a, b) => a + b, 0)).toBe(total);
      expect(parts.every(part => Number.isSafeInteger(part) && part >= 0)).toBe(true);
    }
  });

  it('gives everything to the last part when nothing has weight', () => {
    expect(apportion(5, [0, 0])).toEqual([0, 5]);
  });
});
