import {
  ageInYears,
  builtIn,
  coefficient,
  devices,
  findZone,
  listZones,
  type Coefficient
} from './index.ts';

const whole: Coefficient<'g/kWh', 'modelled'> = {
  id: 'test/one',
  title: 'a test',
  value: 2,
  low: 1,
  high: 3,
  unit: 'g/kWh',
  year: 2024,
  source: 'nobody',
  licence: 'CC0-1.0',
  kind: 'modelled'
};

describe('coefficient', () => {
  it('passes a whole record and freezes it', () => {
    expect(coefficient(whole)).toEqual(whole);
    expect(Object.isFrozen(coefficient({ ...whole }))).toBe(true);
  });

  it.each(Object.keys(whole))('refuses a record without its %s', field => {
    const part: Partial<Record<string, unknown>> = { ...whole };
    delete part[field];
    expect(() => coefficient(part as unknown as typeof whole)).toThrow(
      expect.objectContaining({ code: 'impact/coefficient' }) as Error
    );
  });

  it.each([
    { value: -1, low: -2 },
    { value: NaN },
    { high: Infinity },
    { low: 2.5 },
    { high: 1.5 },
    { year: 1492 },
    { year: 2024.5 },
    { year: 9999 },
    { kind: 'guessed' },
    { source: ' ' }
  ])('refuses %j', change => {
    expect(() => coefficient({ ...whole, ...change } as typeof whole)).toThrow(
      expect.objectContaining({ code: 'impact/coefficient' }) as Error
    );
  });

  it('tells its age in years', () => {
    expect(ageInYears(whole, new Date('2026-11-24'))).toBe(2);
    expect(ageInYears(whole, new Date('2020-01-01'))).toBe(0);
  });
});

describe('the table', () => {
  it('has a name of its own for each coefficient', () => {
    const ids = builtIn.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(builtIn.every(Object.isFrozen)).toBe(true);
  });

  it('keeps the making of devices attributed', () => {
    for (const device of Object.values(devices)) expect(device.kind).toBe('attributed');
  });
});

describe('zones', () => {
  it('has a whole, ordered record for every zone', () => {
    const zones = listZones();
    expect(zones.length).toBeGreaterThan(300);
    for (const { id } of zones) {
      const { carbon, carbonFree, renewable } = findZone(id);
      expect([carbon, carbonFree, renewable].every(Object.isFrozen)).toBe(true);
      expect(carbonFree.high).toBeLessThanOrEqual(1);
    }
  });

  it('knows the yearly figures of a zone, whatever the case of its letters', () => {
    const { carbon, carbonFree, name } = findZone('fr');
    expect(name).toBe('France');
    expect(carbon).toMatchObject({ value: 31, year: 2025, unit: 'g/kWh', licence: 'ODbL-1.0' });
    expect(carbonFree.value).toBeCloseTo(0.96, 12);
  });

  it('refuses a zone it does not know and names some that are near', () => {
    expect(() => findZone('germ')).toThrow(/DE \(Germany\)/);
    expect(() => findZone('')).toThrow(expect.objectContaining({ code: 'impact/zone' }) as Error);
    expect(() => findZone('constructor')).toThrow(
      expect.objectContaining({ code: 'impact/zone' }) as Error
    );
  });
});
