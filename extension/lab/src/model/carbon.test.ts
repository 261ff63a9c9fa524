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
    expect(gramsOf({ ...kilowattHour, joules: null }, impact())).toBeNull();
    expect(gramsOf(kilowattHour, null)).toBeNull();
  });
});

describe('priceOf', () => {
  it('is the tariff times kilowatt-hours and PUE', () => {
    const tariff = { value: 0.3, currency: 'EUR' };
    expect(priceOf(kilowattHour, impact({ tariff }))).toBeCloseTo(0.36, 9);
    expect(priceOf(kilowattHour, impact())).toBeNull();
  });
});
