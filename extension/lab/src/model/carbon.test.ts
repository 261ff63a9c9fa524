import { footprint } from 'kernel-helpers/impact/figures';
import { impact, measured } from '../fixtures';
import { gramsOf, priceOf } from './carbon';

const kilowattHour = measured(3.6e6, 3.6e5);

describe('gramsOf', () => {
  it('multiplies energy, PUE and carbon, from all lower ends to all upper ends', () => {
    const grams = gramsOf(kilowattHour, impact());
    expect(grams?.value).toBeCloseTo(1.2 * 200, 9);
    expect(grams?.low).toBeCloseTo(0.9 * 1.1 * 150, 9);
    expect(grams?.high).toBeCloseTo(1.1 * 1.3 * 300, 9);
  });
  it('guesses nothing without a zone, without a figure, or without an answer', () => {
    expect(gramsOf(kilowattHour, impact({ zone: null, carbon: null }))).toBeNull();
    const missing = { joules: null, low: null, high: null, kind: 'missing' as const };
    expect(gramsOf(missing, impact())).toBeNull();
    expect(gramsOf(kilowattHour, null)).toBeNull();
  });
});

describe('the sidebar', () => {
  it('tells what the report tells, also of a cell too short to resolve', () => {
    const short = {
      joules: null,
      low: 0,
      high: 7.2e6,
      kind: 'measured' as const,
      below: true as const
    };
    expect(gramsOf(short, impact())).toEqual(footprint(short, impact()).carbon?.location);
    expect(gramsOf(short, impact())?.value).toBeCloseTo(1.2 * 200, 9);
  });
});

describe('priceOf', () => {
  it('is the tariff times kilowatt-hours and PUE', () => {
    const tariff = { value: 0.3, currency: 'EUR' };
    expect(priceOf(kilowattHour, impact({ tariff }))).toBeCloseTo(0.36, 9);
    expect(priceOf(kilowattHour, impact())).toBeNull();
  });
});
