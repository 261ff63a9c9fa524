import { fitModel } from './fit.ts';

const machine = (idle: number, dynamic: number, exponent: number) => (utilisation: number) => ({
  utilisation,
  watts: idle + dynamic * utilisation ** exponent
});
const loads = [0, 0.125, 0.25, 0.5, 0.75, 1];

describe('fitModel', () => {
  it.each([
    [18, 30, 0.3],
    [16, 100, 1],
    [5.5, 45, 1.65]
  ])(
    'finds the model of a machine of %d W idle, %d W more at full load, exponent %d',
    (...model) => {
      const { idleWatts, dynamicWatts, exponent } = fitModel(loads.map(machine(...model)));
      expect(idleWatts).toBeCloseTo(model[0], 6);
      expect(dynamicWatts).toBeCloseTo(model[1], 6);
      expect(exponent).toBeCloseTo(model[2], 6);
    }
  );

  it('takes the steps after the idle one in any order', () => {
    const [idle, ...loaded] = loads.map(machine(16, 100, 1));
    expect(fitModel([idle!, ...loaded.toReversed()])).toEqual(fitModel([idle!, ...loaded]));
  });

  it('widens the interval to hold its own points', () => {
    const points = [...loads.map(machine(10, 10, 1)), { utilisation: 0.5, watts: 60 }];
    const { dynamicWatts, exponent, relativeHigh } = fitModel(points);
    expect(relativeHigh).toBeGreaterThan(2);
    expect((10 + dynamicWatts * 0.5 ** exponent) * relativeHigh).toBeGreaterThanOrEqual(60 - 1e-9);
  });

  it.each([
    ['does not grow', loads.map(machine(16, 0, 1))],
    ['falls', loads.map(machine(50, -20, 1))],
    ['is 0', loads.map(machine(0, 0, 1))],
    ['has one step', [{ utilisation: 0, watts: 5 }]]
  ])('refuses power that %s with load', (_, points) => {
    expect(() => fitModel(points)).toThrow(/^expected/);
  });
});
