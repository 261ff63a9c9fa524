import { largest } from './top-k';

describe('largest', () => {
  it('finds the numbers of largest magnitude', () => {
    expect([...largest(new Float32Array([1, -4, 3, 0, 2]), 2)]).toEqual([1, 2]);
  });

  it('takes the first of equal ones', () => {
    expect([...largest(new Float32Array([1, -1, 1]), 2)]).toEqual([0, 1]);
  });

  it('sends what is no number first, so that a diverged worker is noticed by all', () => {
    expect([...largest(new Float32Array([5, NaN, -7, NaN]), 3)].sort()).toEqual([1, 2, 3]);
    expect([...largest(new Float32Array([NaN, NaN]), 1)]).toEqual([0]);
  });
});
