import type { Energy } from '../execution.ts';
import {
  formatBytes,
  formatEnergy,
  formatSeconds,
  formatWattHours,
  formatWatts
} from './format.ts';

const measured = (joules: number, half: number): Energy => ({
  joules,
  low: joules - half,
  high: joules + half,
  kind: 'measured'
});
const modelled = (joules: number, low: number, high: number): Energy => ({
  joules,
  low,
  high,
  kind: 'modelled'
});

describe('formatEnergy', () => {
  it.each([
    [12.4321, 0.613, '12.4 J ± 0.6'],
    [12.4321, 0.16, '12.43 J ± 0.16'],
    [12.4321, 0.199, '12.43 J ± 0.20'],
    [12.4321, 0.0949, '12.43 J ± 0.09'],
    [12.4321, 0.0951, '12.43 J ± 0.10'],
    [12.4321, 0.96, '12.4 J ± 1.0'],
    [12.4321, 1, '12.4 J ± 1.0'],
    [12.4321, 9.9, '12 J ± 10'],
    [1234.5, 61, '1230 J ± 60'],
    [1234.4, 12, '1234 J ± 12'],
    [0.0123, 0.0004, '0.0123 J ± 0.0004'],
    [0.2, 0.3, '0.2 J ± 0.3'],
    [0, 0.3, '0.0 J ± 0.3'],
    [-0.01, 0.3, '0.0 J ± 0.3'],
    [12345, 61, '12.35 kJ ± 0.06'],
    [1.2345e7, 2e5, '12.3 MJ ± 0.2'],
    [9999, 20, '10000 J ± 20'],
    [12.4321, 0, '12.4 J']
  ])('prints %d ± %d as %s', (joules, half, text) => {
    expect(formatEnergy(measured(joules, half))).toBe(text);
  });

  it('shows both ends of a lopsided interval', () => {
    expect(formatEnergy({ joules: 12.4, low: 12.3, high: 13, kind: 'measured' })).toBe(
      '12.4 J (12.3 to 13.0)'
    );
  });

  it.each([
    [12.43, 7.1, 21.3, 'about 12 J (7 to 21, modelled)'],
    [0.123, 0, 0.5, 'about 0.1 J (0.0 to 0.5, modelled)'],
    [0.006, 0, 2.2, 'about 0.006 J (0.0 to 2.2, modelled)'],
    [1234, 700, 2300, 'about 1200 J (700 to 2300, modelled)'],
    [10_500, 7000, 21_000, 'about 11 kJ (7 to 21, modelled)']
  ])('prints a modelled %d (%d to %d) as %s', (joules, low, high, text) => {
    expect(formatEnergy(modelled(joules, low, high))).toBe(text);
  });

  it('says what is too short to resolve', () => {
    const below = { joules: 0.1, low: 0, high: 0.4, kind: 'measured', below: true } as const;
    expect(formatEnergy(below)).toBe('< 0.4 J');
  });

  it('says why a value is missing', () => {
    const missing = { joules: null, low: null, high: null, kind: 'missing' } as const;
    expect(formatEnergy({ ...missing, reason: 'no sensor' })).toBe('missing (no sensor)');
    expect(formatEnergy(missing)).toBe('missing');
  });

  it('does not pretend to an interval that is not known', () => {
    expect(formatEnergy({ joules: 12.43, low: null, high: null, kind: 'measured' })).toBe(
      'about 12 J'
    );
  });
});

describe('formatWatts', () => {
  it('prints watts by the same rules', () => {
    expect(formatWatts({ watts: 45.67, low: 45, high: 46.4, kind: 'measured' })).toBe(
      '45.7 W ± 0.7'
    );
  });
});

describe('formatSeconds', () => {
  it.each([
    [0.000_42, '0.42 ms'],
    [0.0421, '42 ms'],
    [0.42, '0.4 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min 00 s'],
    [125, '2 min 05 s'],
    [11_220, '3 h 07 min']
  ])('prints %d s as %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [512 * 2 ** 20, '512 MiB']
  ])('prints %d as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatWattHours', () => {
  it.each([
    [12_384, '3.4 Wh'],
    [57.6, '16 mWh'],
    [0.01, '0.0028 mWh'],
    [0, '0 mWh'],
    [3.6e7, '10 kWh']
  ])('prints %d J as %s', (joules, text) => expect(formatWattHours(joules)).toBe(text));
});
