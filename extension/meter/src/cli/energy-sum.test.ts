import type { Energy } from '../execution.ts';
import { EnergySum } from './energy-sum.ts';

const energy = (joules: number, half: number, kind: Energy['kind'] = 'measured'): Energy => ({
  joules,
  low: joules - half,
  high: joules + half,
  kind
});

function sumOf(...energies: Energy[]): EnergySum {
  const sum = new EnergySum();
  for (const each of energies) sum.add(each);
  return sum;
}

describe('EnergySum', () => {
  it('adds half widths of measured energies in quadrature', () => {
    expect(sumOf(energy(10, 3), energy(20, 4)).total).toEqual(energy(30, 5));
  });

  it('adds half widths of modelled energies as they are', () => {
    const total = sumOf(energy(10, 3, 'modelled'), energy(20, 4, 'modelled')).total;
    expect(total).toEqual(energy(30, 7, 'modelled'));
  });

  it('is modelled when any part is, and keeps both errors', () => {
    const total = sumOf(energy(10, 3), energy(20, 2, 'modelled'), energy(5, 2, 'modelled')).total;
    expect(total).toEqual(energy(35, 5, 'modelled'));
  });

  it('counts what is missing and does not take it for 0', () => {
    const missing = { joules: null, low: null, high: null, kind: 'missing' } as const;
    const sum = sumOf(energy(10, 3), missing);
    expect(sum.total).toEqual(energy(10, 3));
    expect(sum.missing).toBe(1);
    expect(sumOf(missing).total).toMatchObject({ joules: null, kind: 'missing' });
  });

  it('takes the middle of what is too short to resolve', () => {
    const below = { joules: null, low: 0, high: 0.4, kind: 'measured', below: true } as const;
    expect(sumOf(below).total).toEqual({ joules: 0.2, low: 0, high: 0.4, kind: 'measured' });
  });
});
