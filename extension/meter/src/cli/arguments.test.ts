import { filterOf, momentOf } from './arguments.ts';

const now = new Date('2026-11-24T12:00:00Z');

describe('momentOf', () => {
  it.each([
    ['30m', '2026-11-24T11:30:00.000Z'],
    ['12h', '2026-11-24T00:00:00.000Z'],
    ['7d', '2026-11-17T12:00:00.000Z'],
    ['2w', '2026-11-10T12:00:00.000Z'],
    ['2026-11-24T09:30:00Z', '2026-11-24T09:30:00.000Z'],
    ['2026-11-24T09:30:00+02:00', '2026-11-24T07:30:00.000Z']
  ])('reads %s as %s', (text, iso) => expect(momentOf(text, now)).toBe(iso));

  it('takes a date alone as its first moment here', () => {
    expect(momentOf('2026-11-24', now)).toBe(new Date(2026, 10, 24).toISOString());
  });

  it.each(['', 'yesterday', '12', '5y', '2026-13-01', '1/2/2026'])('refuses %j', text => {
    expect(() => momentOf(text, now)).toThrow(`got ${text}`);
  });
});

describe('filterOf', () => {
  it('makes paths absolute and leaves out what is not asked', () => {
    expect(filterOf({ notebook: 'a.ipynb' })).toEqual({ notebook: `${process.cwd()}/a.ipynb` });
    expect(filterOf({})).toEqual({});
  });
});
