import type { Energy } from '../../execution.ts';
import { meanEnergy } from './repetitions.ts';

const measured = (joules: number, half = 0.1): Energy => ({
  joules,
  low: joules - half,
  high: joules + half,
  kind: 'measured'
});

describe('meanEnergy', () => {
  it("gives Student's interval of measured repetitions", () => {
    // Mean 10, s = 1; t(2 degrees) = 4.303, so the half width is 4.303 / √3.
    const mean = meanEnergy([measured(9), measured(10), measured(11)]);
    expect(mean).toMatchObject({ joules: 10, kind: 'measured', standard_deviation: 1 });
    expect(mean.high! - 10).toBeCloseTo(4.303 / Math.sqrt(3), 3);
    expect(10 - mean.low!).toBeCloseTo(4.303 / Math.sqrt(3), 3);
  });

  it('does not let repetition average out what a model gets wrong every time', () => {
    const modelled: Energy = { joules: 10, low: 5, high: 19, kind: 'modelled' };
    const mean = meanEnergy(Array<Energy>(50).fill(modelled));
    expect(mean).toMatchObject({ joules: 10, low: 5, high: 19, kind: 'modelled' });
  });

  it('keeps the own interval of a single repetition, and leaves missing ones out', () => {
    const missing: Energy = {
      joules: null,
      low: null,
      high: null,
      kind: 'missing',
      reason: 'no sensor'
    };
    const mean = meanEnergy([measured(4, 0.5), missing]);
    expect(mean).toMatchObject({ joules: 4, low: 3.5, high: 4.5, repetitions: 1 });
    expect(meanEnergy([missing])).toMatchObject({ kind: 'missing', reason: 'no sensor' });
  });

  it('says below only when every repetition was too short', () => {
    const short: Energy = { ...measured(0.1, 0.1), below: true };
    expect(meanEnergy([short, short]).below).toBe(true);
    expect(meanEnergy([short, measured(0.3)]).below).toBeUndefined();
  });
});
