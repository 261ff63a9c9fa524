import type { Energy } from '../energy.ts';
import { mulberry32 } from './fixtures/numbers.ts';
import {
  add,
  convert,
  emissions,
  findZone,
  footprint,
  fromSettings,
  kilowattHours,
  network,
  pueUnknown,
  scale,
  transferEnergy,
  water,
  wueUnknown,
  gridWater,
  money,
  type Amount
} from './index.ts';
import { impactNow } from './fixtures/now.ts';

const random = mulberry32(11);
const energies: Energy[] = Array.from({ length: 200 }, () => {
  const joules = random() * 1e6;
  const low = joules * (0.5 + random() / 2);
  return { joules, low, high: joules * (1 + random()), kind: 'measured' };
});
const times = (energy: Energy, factor: number): Energy => ({
  ...energy,
  joules: (energy.joules ?? 0) * factor,
  low: (energy.low ?? 0) * factor,
  high: (energy.high ?? 0) * factor
});
const ordered = ({ low, value, high }: Amount) => low <= value && value <= high;

describe('amounts', () => {
  it('keep their ranges in order, whatever is computed from them', () => {
    for (const energy of energies) {
      const { carbon, water: litres, hardware, money: cost } = footprint(energy, impactNow, 60);
      const all = [carbon?.location, carbon?.market, litres?.total, hardware, cost];
      expect(all.map(amount => amount && ordered(amount))).toEqual(all.map(() => true));
    }
  });

  it('are linear in the energy', () => {
    for (const energy of energies.slice(0, 50)) {
      const one = footprint(energy, impactNow);
      const three = footprint(times(energy, 3), impactNow);
      for (const field of ['value', 'low', 'high'] as const) {
        expect(three.carbon?.location[field]).toBeCloseTo(
          3 * (one.carbon?.location[field] ?? NaN),
          6
        );
        expect(three.water?.total[field]).toBeCloseTo(3 * (one.water?.total[field] ?? NaN), 6);
        expect(three.money?.[field]).toBeCloseTo(3 * (one.money?.[field] ?? NaN), 6);
      }
    }
  });

  it('multiply low by low and high by high', () => {
    const { carbon } = findZone('DE');
    const energy: Energy = { joules: 3.6e6, low: 1.8e6, high: 7.2e6, kind: 'measured' };
    const location = emissions(energy, { carbon, pue: pueUnknown })?.location;
    expect(location?.value).toBeCloseTo(carbon.value * 1.56, 9);
    expect(location?.low).toBeCloseTo(carbon.low * 0.5 * 1.1, 9);
    expect(location?.high).toBeCloseTo(carbon.high * 2 * 2, 9);
    expect(location?.kind).toBe('modelled');
  });

  it('take the weakest kind of what they are made of', () => {
    expect(transferEnergy(1e9).kind).toBe('attributed');
    expect(transferEnergy(1e9)).toMatchObject({ low: network.low, high: network.high });
  });

  it('are refused when kinds or units would be mixed', () => {
    const joules = { value: 1, low: 1, high: 1, unit: 'kWh', kind: 'measured' } as const;
    const mixed = add as (a: Amount, b: Amount) => Amount;
    expect(() => mixed(joules, transferEnergy(1e9))).toThrow(
      expect.objectContaining({ code: 'impact/kind' }) as Error
    );
    expect(() => mixed(joules, { ...joules, unit: 'g' })).toThrow(/apart/);
    const unlike = convert as unknown as (a: Amount, b: unknown) => Amount;
    expect(() => unlike(joules, network)).toThrow(
      expect.objectContaining({ code: 'impact/kind' }) as Error
    );
    expect(() => scale(joules, -1)).toThrow(
      expect.objectContaining({ code: 'impact/value' }) as Error
    );
  });

  it('come from no energy that is missing, and from the middle of one too short', () => {
    const missing: Energy = { joules: null, low: null, high: null, kind: 'missing', reason: 'x' };
    expect(kilowattHours(missing)).toBeNull();
    expect(footprint(missing, impactNow)).toMatchObject({ carbon: null, water: null, money: null });
    const short: Energy = { joules: null, low: 0, high: 7.2e6, kind: 'measured', below: true };
    expect(kilowattHours(short)).toMatchObject({ value: 1, low: 0, high: 2 });
  });

  it('leave the energy untouched', () => {
    const energy = Object.freeze({ joules: 5, low: 4, high: 6, kind: 'measured' } as const);
    footprint(energy, impactNow, 10);
    expect(energy).toEqual({ joules: 5, low: 4, high: 6, kind: 'measured' });
    expect(() => kilowattHours({ ...energy, low: 7 })).toThrow(/low ≤ joules/);
  });
});

describe('where electricity comes from', () => {
  const energy: Energy = { joules: 3.6e6, low: 3.6e6, high: 3.6e6, kind: 'measured' };
  const { carbon } = findZone('GB');

  it('gives no grams without a zone', () => {
    expect(footprint(energy, { ...impactNow, carbon: null }).carbon).toBeNull();
  });

  it('keeps location and market apart', () => {
    const supplier = fromSettings('carbon/contract', 'contract', 20, 'g/kWh');
    const both = emissions(energy, { carbon, supplier });
    expect(both).toMatchObject({
      hasContract: true,
      location: { value: 176 },
      market: { value: 20 }
    });
    const one = emissions(energy, { carbon });
    expect(one).toMatchObject({ hasContract: false, market: { value: 176 } });
  });

  it('takes own solar power off, and refuses a share that is none', () => {
    const solar = emissions(energy, { carbon, ownSolarShare: 0.25 });
    expect(solar?.location.value).toBeCloseTo(132, 9);
    expect(() => emissions(energy, { carbon, ownSolarShare: 1.5 })).toThrow(/0 to 1/);
  });

  it('multiplies the water of the site by no PUE', () => {
    const litres = water(energy, { wue: wueUnknown, grid: gridWater, pue: pueUnknown });
    expect(litres?.site.value).toBeCloseTo(1.8, 12);
    expect(litres?.grid.value).toBeCloseTo(1.56 * 3.14, 12);
    expect(litres?.total.value).toBeCloseTo(1.8 + 1.56 * 3.14, 12);
  });

  it('costs what the tariff says, and no negative price', () => {
    expect(money(energy, { value: 0.3, currency: 'EUR' }, pueUnknown)).toMatchObject({
      unit: 'EUR',
      value: 0.3 * 1.56
    });
    expect(() => money(energy, { value: -1, currency: 'EUR' })).toThrow(/at least 0/);
  });
});
