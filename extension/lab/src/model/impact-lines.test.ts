import { nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { devices, footprint, formatAmount } from 'kernel-helpers/impact/figures';
import { execution, impact, measured } from '../fixtures';
import { impactLines } from './impact-lines';

const trans = nullTranslator.load('joulebook');
const network = { sent_bytes: 2e9, received_bytes: 0 };
const cells = {
  total: measured(3.6e6, 0),
  seconds: 3600,
  executions: [execution('1', { read_bytes: 3 * 2 ** 20, written_bytes: 10, network })]
};
const told = (change: Parameters<typeof impact>[0] = {}) =>
  Object.fromEntries(impactLines(cells, impact(change), trans).map(line => [line.id, line]));

describe('impactLines', () => {
  it('tell the amounts of the function that report and library use', () => {
    const figures = impact({ tariff: { value: 0.3, currency: 'EUR' } });
    const { carbon, water, money } = footprint(cells.total, figures);
    const lines = told(figures);
    expect(lines['location']?.value).toBe(formatAmount(carbon!.location));
    expect(lines['location']?.hint).toBe('Great Britain: 200 g/kWh, average, 2024, PUE 1.2 · s');
    expect(lines['water']?.value).toBe(formatAmount(water!.total));
    expect(lines['money']?.value).toBe(formatAmount(money!));
  });

  it('keep location and market apart, and name what is missing', () => {
    const lines = told({ carbon: null, zone: null });
    expect(lines['location']).toMatchObject({
      value: null,
      hint: expect.stringMatching(/choose a zone/) as string
    });
    expect(Object.keys(lines)).not.toContain('market');
    const market = { ...impact().carbon!, value: 20, low: 20, high: 20 };
    expect(told({ market })['market']).toMatchObject({
      value: '24 g (22 to 26, modelled)'
    });
  });

  it('tell the age of a live figure and why an offline one stands in', () => {
    const live = { ...impact().carbon!, age_seconds: 600, note: 'neso failed' };
    expect(told({ carbon: live })['location']?.hint).toMatch(/10 min old.*neso failed/);
  });

  it('spread the making of the machine, and disclose the boundary of the score', () => {
    const lines = told({ device: { ...devices.laptop, lifetime_years: 5 } });
    expect(lines['machine']?.value).toBe('5.4 g (3 to 7.2, attributed)');
    expect(lines['machine']?.hint).toMatch(
      /over 5 years; a year longer saves 7\.9 kg \(4\.4 to 11/
    );
    expect(lines['score']?.hint).toMatch(/operational 240 g.*embodied 5\.4 g.*without screen/);
    expect(told()['machine']).toMatchObject({ value: null });
    expect(told()['score']).toBeUndefined();
  });

  it('tell the bytes, and what networks take as a range in no sum', () => {
    const lines = told();
    expect(lines['storage']?.value).toBe('3.00 MiB and 10 B');
    expect(lines['network']).toMatchObject({ value: '1.86 GiB and 0 B' });
    expect(lines['network']?.hint).toMatch(/20 Wh \(2 to 118, attributed\), in no sum/);
  });

  it('have every word from the translator', () => {
    const pseudo = {
      __: (text: string, ...args: unknown[]) =>
        `⟦${text.replace(/%(\d)/g, (_, n: string) => String(args[Number(n) - 1]))}⟧`
    } as unknown as TranslationBundle;
    const market = { ...impact().carbon!, value: 20, low: 20, high: 20 };
    const note = { ...impact().carbon!, note: 'neso failed' };
    const device = { ...devices.laptop, lifetime_years: 5 };
    const figures = impact({ market, device, carbon: note, tariff: { value: 1, currency: 'EUR' } });
    for (const { name, value, hint } of impactLines(cells, figures, pseudo)) {
      for (const text of [name, value ?? '', hint]) {
        let rest = text;
        while (/⟦[^⟦⟧]*⟧/.test(rest)) rest = rest.replace(/⟦[^⟦⟧]*⟧/g, '');
        expect(rest).not.toMatch(/\p{L}/u);
      }
    }
  });
});
