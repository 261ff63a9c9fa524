import { codePointsOf, unitsOf } from './text-positions.ts';

describe('text positions', () => {
  it('agree for plain text', () => {
    expect(unitsOf('abc', 2)).toBe(2);
    expect(codePointsOf('abc', 2)).toBe(2);
  });
  it('count characters beyond the first plane once for Jupyter, twice for JavaScript', () => {
    expect(unitsOf('🚲x', 1)).toBe(2);
    expect(codePointsOf('🚲x', 2)).toBe(1);
  });
});
