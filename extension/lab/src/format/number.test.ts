import { energyScale, lastPlace, significantPlace, toPlace } from './number';

describe('lastPlace', () => {
  it.each([
    [0.6, -1],
    [5, 0],
    [9, 0],
    [12, 0],
    [1.4, -1],
    [0.13, -2],
    [700, 2],
    [0.96, -1],
    [9.6, 0]
  ])('ends a half width of %p at the place %p', (halfWidth, place) => {
    expect(lastPlace(halfWidth)).toBe(place);
  });
});

describe('toPlace', () => {
  it('keeps trailing zeros, which the interval allows', () => {
    expect(toPlace(12, -1, 'en')).toBe('12.0');
  });
  it('rounds to hundreds where the interval allows no more', () => {
    expect(toPlace(1234, 2, 'en')).toBe('1200');
  });
  it('writes the decimal mark of the language', () => {
    expect(toPlace(12.44, -1, 'de')).toBe('12,4');
  });
  it('has no negative zero', () => {
    expect(toPlace(-0.2, 0, 'en')).toBe('0');
  });
  it('groups from five digits on', () => {
    expect(toPlace(1234, 0, 'en')).toBe('1234');
    expect(toPlace(12345, 0, 'en')).toBe('12,345');
  });
});

describe('energyScale', () => {
  it.each([
    [412, 'auto', 'J'],
    [9_999, 'auto', 'J'],
    [10_000, 'auto', 'kJ'],
    [2e7, 'auto', 'MJ'],
    [2e7, 'J', 'J'],
    [412, 'Wh', 'Wh'],
    [20, 'Wh', 'mWh'],
    [0.001, 'Wh', 'µWh'],
    [3.6e6, 'Wh', 'kWh']
  ] as const)('shows %p J with the setting %p in %p', (joules, unit, symbol) => {
    expect(energyScale(joules, unit).symbol).toBe(symbol);
  });
});

describe('significantPlace', () => {
  it('counts digits from the first that is not zero', () => {
    expect(significantPlace(0.01234, 3)).toBe(-4);
    expect(significantPlace(1234, 3)).toBe(1);
    expect(significantPlace(0, 3)).toBe(0);
  });
});
