import { crowding, crowdingDoubt } from './crowding.ts';

describe('crowding', () => {
  it('costs less a CPU second where threads share cores and clocks fall', () => {
    expect(crowding(1, 0.1, 4)).toBe(1);
    expect(crowding(4, 0, 4)).toBe(1);
    expect(crowding(8, 0, 4)).toBeCloseTo((4 + 0.35 * 4) / 8, 12);
    expect(crowding(4, 0.1, 4)).toBeCloseTo(4 ** -0.1, 12);
  });

  it('counts no more threads than the cores have', () => {
    expect(8 * crowding(8, 0, 4)).toBeCloseTo(12 * crowding(12, 0, 4), 12);
  });
});

describe('crowdingDoubt', () => {
  it('is none where nobody came, or nobody else runs', () => {
    expect(crowdingDoubt(6, 0, 4)).toBe(0);
    expect(crowdingDoubt(1, 1, 4)).toBe(0);
  });

  it('is what the exponent of the clocks may change, as long as every thread has a core', () => {
    expect(crowdingDoubt(2, 1, 4)).toBeCloseTo(0.04 * Math.log(2), 12);
  });

  it('grows where threads share cores', () => {
    const alone = crowdingDoubt(4, 1, 4);
    expect(crowdingDoubt(5, 1, 4)).toBeGreaterThan(alone);
    expect(crowdingDoubt(6, 2, 4)).toBeGreaterThan(crowdingDoubt(6, 1, 4));
  });
});
