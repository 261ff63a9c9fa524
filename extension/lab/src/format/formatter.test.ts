import { nullTranslator } from '@jupyterlab/translation';
import { measured, modelled } from '../fixtures';
import { Formatter, type FormatOptions } from './formatter';

const trans = nullTranslator.load('joulebook_lab');
const formatter = (options: Partial<FormatOptions> = {}): Formatter =>
  new Formatter(trans, { unit: 'auto', intervals: true, locale: 'en', ...options });

describe('energy', () => {
  it('gives a measured value the digits of its interval', () => {
    expect(formatter().energy(measured(12.44, 0.61)).text).toBe('12.4 J ± 0.6');
    expect(formatter().energy(measured(20.28, 1.4)).text).toBe('20.3 J ± 1.4');
  });
  it('says of a modelled value that it is one, with its range', () => {
    expect(formatter().energy(modelled(12.3, 7.1, 20.9)).text).toBe(
      'about 12 J (7 to 21, modelled)'
    );
  });
  it('does not round a small value to nothing because its interval is wide and lopsided', () => {
    expect(formatter().energy(modelled(0.66, 0.19, 9.96)).text).toBe(
      'about 0.7 J (0.2 to 10, modelled)'
    );
    expect(formatter().energy(modelled(0.4, 0, 60)).value).toBe('0.4 J');
  });
  it('gives a range where a measured interval is lopsided', () => {
    const lopsided = { joules: 12, low: 11, high: 16, kind: 'measured' as const };
    expect(formatter().energy(lopsided).text).toBe('12 J (11 to 16)');
  });
  it('says of a cell too short to resolve only what it stays below', () => {
    const short = {
      joules: 0.1,
      low: 0,
      high: 0.4,
      kind: 'measured' as const,
      below: true as const
    };
    expect(formatter().energy(short).text).toBe('< 0.4 J');
  });
  it('has no number where there is none, and says why', () => {
    const none = {
      joules: null,
      low: null,
      high: null,
      kind: 'missing' as const,
      reason: 'no sensor'
    };
    expect(formatter().energy(none)).toEqual({
      value: '—',
      interval: '',
      text: 'no figure: no sensor'
    });
  });
  it('leaves intervals out when the settings say so, but never that it is modelled', () => {
    const plain = formatter({ intervals: false });
    expect(plain.energy(measured(12.44, 0.61)).text).toBe('12.4 J');
    expect(plain.energy(modelled(12.3, 7.1, 20.9)).text).toBe('about 12 J (modelled)');
  });
  it('follows the unit of the settings', () => {
    expect(formatter({ unit: 'Wh' }).energy(measured(412, 9)).text).toBe('0.114 Wh ± 0.003');
    expect(formatter().energy(measured(12_340, 90)).text).toBe('12.34 kJ ± 0.09');
  });
});

describe('duration', () => {
  it.each([
    [0.0004, '0.4 ms'],
    [0.006, '6 ms'],
    [0.9, '0.9 s'],
    [8.12, '8.1 s'],
    [59.96, '1 min 00 s'],
    [125, '2 min 05 s'],
    [3_725, '1 h 02 min']
  ])('writes %p s as %p', (seconds, text) => {
    expect(formatter().duration(seconds)).toBe(text);
  });
});

describe('power and share', () => {
  it('gives power the digits of its interval, four at most, and three without one', () => {
    expect(formatter().power(38.24, 37.6, 38.9)).toBe('38.2 W');
    expect(formatter().power(110.1124, 110.1123, 110.1125)).toBe('110.1 W');
    expect(formatter().power(38.24)).toBe('38.2 W');
  });
  it('does not round a small share to nothing', () => {
    expect(formatter().share(0.004)).toBe('< 1 %');
    expect(formatter().share(0.696)).toBe('70 %');
  });
});
