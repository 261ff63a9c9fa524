import { homeOfEachTest } from '../fixtures/home.ts';

const home = homeOfEachTest('cli-sources');
const { joulebook } = home;

describe('joulebook zones and sources', () => {
  it('lists the grid zones without a network', async () => {
    const { out } = await joulebook('zones', 'france');
    expect(out).toMatch(/^FR +France +31 \(/m);
    expect(
      (JSON.parse((await joulebook('zones', '--json')).out) as object[]).length
    ).toBeGreaterThan(300);
    expect(await joulebook('zones', 'atlantis')).toMatchObject({ code: 2, out: '' });
  });

  it('lists every coefficient with source, licence and age', async () => {
    const { code, out } = await joulebook(
      ...['sources', '--zone', 'FR', '--country', 'FRA', '--json']
    );
    const all = JSON.parse(out) as { id: string; licence: string; age_years: number }[];
    expect(code).toBe(0);
    expect(all.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        ...['carbon/FR/2025', 'carbon-marginal/FRA/2021', 'network', 'generation/coal']
      ])
    );
    expect(all.every(({ licence, age_years }) => licence !== '' && age_years >= 0)).toBe(true);
    const { code: refused, err } = await joulebook('sources', '--zone', 'Atlantis');
    expect([refused, err]).toEqual([1, expect.stringContaining('no electricity zone')]);
    expect((await joulebook('sources')).err).toContain('no grid zone is chosen');
  });
});
