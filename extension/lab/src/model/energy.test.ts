import { measured, modelled } from '../fixtures';
import { sumEnergies } from './energy';

describe('sumEnergies', () => {
  it('adds measured deviations as independent ones', () => {
    expect(sumEnergies([measured(10, 3), measured(20, 4)])).toMatchObject({
      joules: 30,
      low: 25,
      high: 35,
      kind: 'measured'
    });
  });
  it('adds modelled deviations in full, since one model errs the same way each time', () => {
    expect(sumEnergies([modelled(10, 6, 18), modelled(20, 12, 36)])).toMatchObject({
      joules: 30,
      low: 18,
      high: 54,
      kind: 'modelled'
    });
  });
  it('is modelled as soon as one part is', () => {
    const sum = sumEnergies([measured(10, 3), modelled(10, 6, 14)]);
    expect(sum.kind).toBe('modelled');
    expect(sum.low).toBeCloseTo(15);
    expect(sum.high).toBeCloseTo(25);
  });
  it('counts what has no figure instead of taking it for zero', () => {
    const none = { joules: null, low: null, high: null, kind: 'missing' as const, reason: 'gap' };
    expect(sumEnergies([measured(10, 3), none])).toMatchObject({ joules: 10, missing: 1 });
    expect(sumEnergies([none])).toMatchObject({ joules: null, kind: 'missing', reason: 'gap' });
  });
  it('never reaches below zero', () => {
    expect(sumEnergies([measured(1, 0.9), measured(0.1, 2)]).low).toBe(0);
  });
  it('is itself too small to resolve when all parts are', () => {
    const short = {
      joules: 0.1,
      low: 0,
      high: 0.4,
      kind: 'measured' as const,
      below: true as const
    };
    expect(sumEnergies([short, short]).below).toBe(true);
    expect(sumEnergies([short, measured(10, 1)]).below).toBeUndefined();
  });
});
