import {
  defaultImpactSettings,
  findZone,
  pueOwnMachine,
  wueOwnMachine,
  type ImpactNow
} from 'kernel-helpers/impact';
import type { ApiClient } from '../../api/client.ts';
import type { Execution } from '../../execution.ts';
import { execution } from '../../store/fixtures/executions.ts';
import { awaitGreenest } from './greenest.ts';

const start = Date.parse('2026-11-24T12:00:00Z');
const hour = 3_600_000;
const spans = [300, 250, 100, 280].map((grams_per_kwh, index) => ({
  from: new Date(start + index * hour).toISOString(),
  to: new Date(start + (index + 1) * hour).toISOString(),
  grams_per_kwh
}));
const { carbon } = findZone('GB');
const impact: ImpactNow = {
  ...{
    zone: 'GB',
    zone_name: 'Great Britain',
    market: null,
    carbon_free: null,
    carbon_year: null,
    tariff: null
  },
  ...{
    device: null,
    pue: pueOwnMachine,
    wue: wueOwnMachine,
    forecast: spans,
    settings: defaultImpactSettings
  },
  carbon: {
    ...carbon,
    ...{ basis: 'average', service: 'neso', at: null, age_seconds: null, note: null }
  }
};

/** A daemon that remembers these executions and tells this impact. */
const meter = (executions: Execution[], now: ImpactNow = impact) =>
  ({
    get: (path: string) => Promise.resolve(path === '/v1/impact' ? now : { executions })
  }) as unknown as ApiClient;
const cell = (n: number, seconds: number, joules: number) =>
  execution(n, {
    ...{ cell_id: `c${n}`, start_ns: 0, end_ns: seconds * 1e9 },
    total: { joules, low: joules, high: joules, kind: 'measured' }
  });

/** Waits on a clock of its own. */
async function wait(client: ApiClient, expectSeconds?: number, at = start + 60_000) {
  const said: string[] = [];
  let clock = at;
  await awaitGreenest(client, {
    ...{ notebooks: ['/a.ipynb'], withinSeconds: 12 * 3600, expectSeconds },
    say: line => said.push(line),
    now: () => new Date(clock),
    pause: ms => Promise.resolve((clock += ms))
  });
  return { said: said.join('\n'), waited: clock - at };
}

describe('run --greenest', () => {
  it('waits for the window and says what that saves', async () => {
    const { said, waited } = await wait(meter([cell(1, 1800, 3.6e6), cell(2, 1800, 3.6e6)]));
    expect(waited).toBe(2 * hour - 60_000);
    expect(said).toMatch(/waits 1 h 59 min.*100 g\/kWh instead of 299 in Great Britain/);
    expect(said.split('\n').slice(1)).toEqual([expect.stringMatching(/^waits another 59 min/)]);
    expect(said).toMatch(/saves about 398 g \(294 to 502, modelled\) CO2e/);
  });

  it('counts each cell as it ran the last time', async () => {
    const older = cell(1, 99_999, 1);
    const { said } = await wait(meter([cell(1, 1800, 3.6e6), older]));
    expect(said).toMatch(/saves about 200 g/);
  });

  it('claims nothing for a run of minutes, and runs it at once', async () => {
    const { said, waited } = await wait(meter([cell(1, 120, 100)]));
    expect([said, waited]).toEqual([expect.stringMatching(/saves nothing worth claiming/), 0]);
  });

  it('weighs a run that is expected to take longer than the last by its power', async () => {
    const { said } = await wait(meter([cell(1, 900, 3.6e6)]), 3600);
    expect(said).toMatch(/saves about 0\.8 kg \(0\.59 to 1, modelled\)/);
  });

  it('claims nothing that the forecast cannot tell from its error', async () => {
    const forecast = spans.map((span, n) => ({ ...span, grams_per_kwh: n === 2 ? 260 : 280 }));
    const { said, waited } = await wait(meter([cell(1, 1800, 3.6e6)], { ...impact, forecast }));
    expect(said).toMatch(/260 g\/kWh instead of 280.*within the forecast's error/);
    expect([said.includes('saves'), waited > hour]).toEqual([false, true]);
  });

  it('knows no grams of a notebook that never ran', async () => {
    expect((await wait(meter([]), 1800)).said).toMatch(/not known before a first run/);
  });

  it('runs at once when nothing greener comes', async () => {
    const { said, waited } = await wait(meter([]), 1800, start + 2 * hour);
    expect([said, waited]).toEqual([expect.stringMatching(/no greener time/), 0]);
  });

  it.each([
    ['how long it takes is not known', meter([]), undefined, 'cli/bad-argument'],
    ['there is no forecast', meter([], { ...impact, forecast: [] }), 1800, 'impact/no-forecast'],
    ['the forecast is shorter than the run', meter([]), 90_000, 'impact/no-forecast']
  ])('refuses when %s', async (_, client, expected, code) => {
    await expect(wait(client, expected)).rejects.toMatchObject({ code });
  });

  it('refuses when the clock stands before the forecast', async () => {
    await expect(wait(meter([]), 1800, start - 5 * hour)).rejects.toThrow(/check the clock/);
  });
});
