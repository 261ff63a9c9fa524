import type { ImpactNow } from 'kernel-helpers/impact';
import {
  defaultImpactSettings,
  findZone,
  fromSettings,
  pueOwnMachine,
  wueOwnMachine
} from 'kernel-helpers/impact';
import type { ApiClient } from '../../api/client.ts';
import { carbonLine, impactOfRun } from './impact.ts';

const now: ImpactNow = {
  ...{ zone: 'GB', zone_name: 'Great Britain', carbon_free: null, tariff: null, device: null },
  ...{ pue: pueOwnMachine, wue: wueOwnMachine, forecast: [], settings: defaultImpactSettings },
  market: fromSettings('carbon/contract', 'contract', 20, 'g/kWh'),
  carbon: {
    ...findZone('GB').carbon,
    ...{ basis: 'average', service: 'offline', at: null, age_seconds: null, note: null }
  }
};
const energy = { joules: 3.6e6, low: 3.6e6, high: 3.6e6, kind: 'measured' } as const;
const answering = (answer: Promise<ImpactNow>) => ({ get: () => answer }) as unknown as ApiClient;

describe('the impact of a run', () => {
  it('is a line with both methods', async () => {
    const impact = await impactOfRun(answering(Promise.resolve(now)), energy);
    expect(carbonLine(impact)).toMatch(/^carbon 176 g .*CO2e; by contract 20 g \(modelled\)$/);
  });

  it('is left out without a zone, and when the meter has gone', async () => {
    const unset = { ...now, carbon: null };
    expect(carbonLine(await impactOfRun(answering(Promise.resolve(unset)), energy))).toBe('');
    const gone = answering(Promise.reject(new Error('gone')));
    expect(await impactOfRun(gone, energy)).toBeNull();
  });
});
