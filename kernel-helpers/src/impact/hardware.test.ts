import {
  devices,
  embodiedShare,
  formatAmount,
  sci,
  storageEnergy,
  storageSsd,
  stretchLifetime,
  transferEnergy
} from './index.ts';

describe('hardware', () => {
  const laptop = { embodied: devices.laptop, lifetimeYears: 4 };

  it('adds up to the whole device over its lifetime', () => {
    const whole = embodiedShare(laptop, 4 * 8760 * 3600);
    expect(whole.value).toBeCloseTo(236_000, 6);
    expect([whole.low, whole.high].map(Math.round)).toEqual([132_000, 315_000]);
  });

  it('saves by being kept a year longer', () => {
    expect(stretchLifetime(laptop).value).toBeCloseTo(236 / 4 - 236 / 5, 9);
    expect(stretchLifetime(laptop, 0).value).toBe(0);
    expect(() => stretchLifetime({ ...laptop, lifetimeYears: 0 })).toThrow(/above 0/);
    expect(() => stretchLifetime(laptop, -1)).toThrow(/at least 0/);
  });
});

describe('data', () => {
  it('takes its energy from the table, as a range', () => {
    expect(storageEnergy(1e12).value).toBeCloseTo((storageSsd.value * 8760) / 1000, 9);
    expect(storageEnergy(1e12, 2).high).toBeCloseTo((2 * storageSsd.high * 8760) / 1000, 9);
    const { low, high } = transferEnergy(1e9);
    expect(high / low).toBeCloseTo(59, 6);
    expect(() => transferEnergy(-1)).toThrow(/at least 0/);
    expect(() => storageEnergy(1, NaN)).toThrow(/years/);
  });
});

describe('a score', () => {
  const operational = { value: 10, low: 8, high: 12, unit: 'g', kind: 'modelled' } as const;
  const embodied = { value: 2, low: 1, high: 4, unit: 'g', kind: 'attributed' } as const;

  it('is per unit, with both parts and the boundary beside it', () => {
    const score = sci({
      operational,
      embodied,
      units: 4,
      unit: 'inference',
      boundary: 'the laptop'
    });
    expect(score).toMatchObject({
      ...{ value: 3, low: 2.25, high: 4, unit: 'g/inference', boundary: 'the laptop' },
      ...{ operational: { value: 2.5 }, embodied: { value: 0.5 } }
    });
  });

  it('is refused without units or without a boundary', () => {
    const input = { operational, embodied, units: 1, unit: 'run', boundary: 'x' };
    expect(() => sci({ ...input, units: 0 })).toThrow(/functional units/);
    expect(() => sci({ ...input, boundary: ' ' })).toThrow(/boundary/);
  });
});

describe('formatAmount', () => {
  it.each([
    [0.00432, 0.0039, 0.0061, '4.3 mg (3.9 to 6.1, modelled)'],
    [1234, 1000, 1500, '1.2 kg (1 to 1.5, modelled)'],
    [176, 176, 176, '176 g (modelled)'],
    [0, 0, 0, '0 µg (modelled)']
  ])('writes %d g as people do', (value, low, high, expected) => {
    expect(formatAmount({ value, low, high, unit: 'g', kind: 'modelled' })).toBe(expected);
  });
});
