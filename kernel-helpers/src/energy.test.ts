import { divideEnergy, formatEnergy, missingEnergy, type Energy } from './energy.ts';

const energy = (
  joules: number,
  low: number,
  high: number,
  kind: Energy['kind'] = 'measured'
): Energy => ({
  joules,
  low,
  high,
  kind
});

describe('formatEnergy', () => {
  it.each([
    [energy(12.43, 11.83, 13.03), '12.4 J ± 0.6'],
    [energy(12.2, 7.1, 20.8, 'modelled'), 'about 12 J (7.1 to 21, modelled)'],
    [energy(0.00312, 0.0031, 0.00314), '3.12 mJ ± 0.02'],
    [energy(125_000, 124_000, 126_000), '125 kJ ± 1'],
    [energy(10, 9, 14), '10 J (9 to 14)'],
    [energy(5, 5, 5), '5.000 J'],
    [{ ...energy(0, 0, 0.4), below: true as const }, '< 400 mJ'],
    [missingEnergy('no sensor'), 'not measured: no sensor']
  ])('shows %j as %s', (value, text) => {
    expect(formatEnergy(value)).toBe(text);
  });
});

describe('divideEnergy', () => {
  it('divides the value and both ends of the interval', () => {
    expect(divideEnergy(energy(10, 8, 12), 4)).toEqual(energy(2.5, 2, 3));
  });

  it('keeps a missing energy missing, with its reason', () => {
    expect(divideEnergy(missingEnergy('no sensor'), 4)).toEqual(missingEnergy('no sensor'));
  });

  it('has no energy per step when there was no step', () => {
    expect(divideEnergy(energy(10, 8, 12), 0).kind).toBe('missing');
  });
});
