import { Pace } from './pace.ts';

describe('Pace', () => {
  it('keeps to the nominal period while nothing shows a slower one', () => {
    const pace = new Pace(1e6);
    for (let k = 0; k < 50; k++) pace.change(5e6, 5e6, false);
    expect(pace.periodNs).toBe(1e6);
    expect(pace.isRegular).toBe(true);
  });

  it('learns that a counter is slower than it claims', () => {
    const pace = new Pace(1e6);
    for (let k = 0; k < 10; k++) pace.change(2e7 + (k % 2) * 1e6, 5e6, true);
    expect(pace.periodNs / 1e6).toBeCloseTo(20, -1);
  });

  it('takes stalls of a fast counter for what they are', () => {
    const pace = new Pace(1e6);
    for (let k = 0; k < 60; k++) {
      if (k % 3 === 0) pace.change(6e7, 5e6, true);
      else pace.change(5e6, 5e6, false);
    }
    expect(pace.periodNs).toBe(1e6);
    expect(pace.isRegular).toBe(false);
    expect(pace.lateNs).toBeGreaterThan(0);
  });

  it('learns nothing from a look that is blurred', () => {
    const pace = new Pace(1e6);
    for (let k = 0; k < 10; k++) pace.change(8e6, 5e6, true);
    expect(pace.periodNs).toBe(1e6);
  });
});
