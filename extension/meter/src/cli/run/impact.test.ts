import type { CarbonRecord, ImpactNow } from 'kernel-helpers/impact';
import {
  defaultImpactSettings,
  findZone,
  fromSettings,
  pueOwnMachine,
  wueOwnMachine
} from 'kernel-helpers/impact';
import type { ApiClient } from '../../api/client.ts';
import { execution, measured } from '../../store/fixtures/executions.ts';
import { RunReport } from './report.ts';
import { carbonLine, impactOfRuns } from './impact.ts';

const now: ImpactNow = {
  ...{
    zone: 'GB',
    zone_name: 'Great Britain',
    carbon_free: null,
    carbon_year: null,
    tariff: null,
    device: null
  },
  ...{ pue: pueOwnMachine, wue: wueOwnMachine, forecast: [], settings: defaultImpactSettings },
  market: fromSettings('carbon/contract', 'contract', 20, 'g/kWh'),
  carbon: {
    ...findZone('GB').carbon,
    ...{ basis: 'average', service: 'offline', at: null, age_seconds: null, note: null }
  }
};

/** A run of one cell that took one kWh. */
function runOf(carbon?: CarbonRecord): RunReport {
  const report = new RunReport();
  report.sent({ index: 0, cell_id: 'a', msg_id: 'message-1', source: 'train()' });
  const total = { ...measured(3.6e6), low: 3.6e6, high: 3.6e6 };
  report.metered(execution(1, { total, ...(carbon && { carbon }) }));
  return report;
}
const answering = (answer: Promise<ImpactNow>) => ({ get: () => answer }) as unknown as ApiClient;

describe('the impact of a run', () => {
  it('is a line with both methods', async () => {
    const impact = await impactOfRuns(answering(Promise.resolve(now)), [runOf()]);
    expect(carbonLine(impact)).toMatch(/^carbon 176 g .*CO2e; by contract 20 g \(modelled\)$/);
  });

  it('weighs by what a service told while it ran', async () => {
    const settings = { ...defaultImpactSettings, service: 'neso' } as const;
    const live = { ...now, settings, carbon_year: now.carbon };
    const ran = {
      ...now.carbon!,
      zone: 'GB',
      service: 'neso',
      at: '2026-11-24T12:00:00Z'
    } as const;
    const record = { ...ran, value: 50, low: 40, high: 60 };
    const impact = await impactOfRuns(answering(Promise.resolve(live)), [runOf(record)]);
    expect(carbonLine(impact)).toMatch(/^carbon 50 g \(40 to 60, modelled\) CO2e/);
  });

  it('is left out without a zone, and when the meter has gone', async () => {
    const unset = { ...now, carbon: null };
    expect(carbonLine(await impactOfRuns(answering(Promise.resolve(unset)), [runOf()]))).toBe('');
    const gone = answering(Promise.reject(new Error('gone')));
    expect(await impactOfRuns(gone, [runOf()])).toBeNull();
  });
});
