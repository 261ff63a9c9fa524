import { coded } from './fixtures/coded.ts';
import { checkNumber, HelperError } from './errors.ts';

describe('checkNumber', () => {
  it('passes a number within its bounds', () => {
    expect(checkNumber('rate', 0.1, { above: 0, to: 1 })).toBe(0.1);
  });

  it.each([
    [0, { above: 0 }, 'expected rate to be a finite number above 0, got 0'],
    [NaN, {}, 'expected rate to be a finite number, got NaN'],
    [Infinity, {}, 'expected rate to be a finite number, got Infinity'],
    [1.5, { from: 0, integer: true }, 'expected rate to be a whole number of at least 0, got 1.5']
  ])('refuses %p outside %p and names both', (value, range, message) => {
    expect(() => checkNumber('rate', value, range)).toThrow(
      new HelperError('input/value', message)
    );
  });

  it('gives its errors a code to branch on', () => {
    expect(() => checkNumber('rate', -1, { from: 0 })).toThrow(coded('input/value'));
  });
});
