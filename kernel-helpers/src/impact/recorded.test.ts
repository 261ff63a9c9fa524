import { impactNow } from './fixtures/now.ts';
import { CarbonMean, defaultImpactSettings, figuresOf, findZone, footprint } from './index.ts';
import type { CarbonRecord, Weighed } from './recorded.ts';

const live = {
  ...impactNow,
  settings: { ...defaultImpactSettings, zone: 'GB', service: 'neso' as const }
};
const year = findZone('GB').carbon;

function told(value: number, change: Partial<CarbonRecord> = {}): CarbonRecord {
  return {
    ...{ ...year, value, low: 0.9 * value, high: 1.2 * value, source: 'the service' },
    ...{ zone: 'GB', service: 'neso', basis: 'average', at: '2026-11-24T12:00:00Z' },
    ...change
  };
}

function ran(joules: number | null, carbon?: CarbonRecord): Weighed {
  const total = { joules, low: joules, high: joules, kind: 'measured' } as const;
  return { total, ...(carbon && { carbon }) };
}

describe('figuresOf', () => {
  it('are those in force where no live service is set, or nothing ran', () => {
    expect(figuresOf([ran(1, told(50))], impactNow)).toBe(impactNow);
    expect(figuresOf([], live)).toBe(live);
  });

  it('weigh one execution by what was told while it ran', () => {
    const { carbon } = figuresOf([ran(7, told(50))], live);
    expect(carbon).toMatchObject({ value: 50, low: 45, high: 60, source: 'the service' });
    expect(carbon?.note).toBe('mean of what neso told while the cells ran');
  });

  it('make the sum of the parts and the sum of all the same carbon', () => {
    const parts = [ran(3.6e6, told(50)), ran(7.2e6, told(200)), ran(1.8e6)];
    const all = ran(12.6e6);
    const gramsOf = (energy: Weighed, of: Weighed[]) =>
      footprint(energy.total, figuresOf(of, live)).carbon!.location;
    const sum = (end: 'value' | 'low' | 'high') =>
      parts.reduce((grams, part) => grams + gramsOf(part, [part])[end], 0);
    for (const end of ['value', 'low', 'high'] as const) {
      expect(gramsOf(all, parts)[end]).toBeCloseTo(sum(end), 9);
    }
  });

  it('say how much of the energy the yearly average weighs', () => {
    const { carbon } = figuresOf([ran(75, told(50)), ran(25)], live);
    expect(carbon?.note).toMatch(/the yearly average for 25 % of the energy$/);
    expect(carbon?.source).toBe(`the service; ${year.source}`);
    const nothing = figuresOf([ran(1)], live).carbon;
    expect(nothing).toMatchObject({ value: year.value, service: 'offline' });
    expect(nothing?.note).toMatch(/nothing was recorded from neso/);
  });

  it('leave aside what was told of another zone or by another service', () => {
    const others = [ran(1, told(50, { zone: 'FR' })), ran(1, told(50, { service: 'watttime' }))];
    expect(figuresOf(others, live).carbon).toMatchObject({ value: year.value });
  });

  it('take own solar power off, as the figures in force do', () => {
    const settings = { ...live.settings, own_solar_share: 0.5 };
    const { carbon } = figuresOf([ran(1, told(50))], { ...live, settings });
    expect(carbon).toMatchObject({ value: 25, low: 22.5, high: 30 });
  });

  it('tell the intensity also of what used too little to have an energy', () => {
    const mean = new CarbonMean();
    for (const joules of [0, null]) mean.add(ran(joules, told(50)));
    expect(mean.figures(live).carbon).toMatchObject({ value: 50 });
  });
});
