import { withDoubts } from './doubts.ts';

const read = { idle: 5, other: 6, kernels: new Map([['k', { joules: 4, sd: 0.5 }]]) };
const calm = { filter: { shock: 1, surprise: 1 }, cores: 4, isPartlyLate: false };
const slice = (other: number) => ({ seconds: 1, joules: 15, kernels: new Map([['k', 1]]), other });

function deviation(other: number, circumstances = calm): number {
  return withDoubts(read, slice(other), circumstances).kernels.get('k')!.sd;
}

describe('withDoubts', () => {
  it('changes no energy', () => {
    const { idle, other, kernels } = withDoubts(read, slice(1), { ...calm, isPartlyLate: true });
    expect([idle, other, kernels.get('k')!.joules]).toEqual([5, 6, 4]);
  });

  it('doubts more where somebody has just changed what he does', () => {
    const surprised = { ...calm, filter: { shock: 9, surprise: 1 } };
    expect(deviation(0, surprised)).toBeCloseTo(3 * deviation(0), 12);
    // What surprises all the time is in the filter's own deviation.
    expect(deviation(0, { ...calm, filter: { shock: 9, surprise: 9 } })).toBe(deviation(0));
  });

  it('doubts more where threads share cores', () => {
    expect(deviation(4)).toBeGreaterThan(deviation(2));
    expect(deviation(2)).toBeGreaterThan(deviation(0));
  });

  it('doubts more where children were counted late', () => {
    expect(deviation(0, { ...calm, isPartlyLate: true })).toBeGreaterThan(1.2 * deviation(0));
  });
});
