import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesOf } from '../paths.ts';
import { defaultSettings } from '../store/settings.ts';
import { Store } from '../store/store.ts';
import type { CliContext } from './context.ts';
import { impactNow } from './impact-now.ts';

let home: string;
let context: CliContext;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'joulebook-impact-now-'));
  // Nothing listens there: the service is dead.
  const environment = { HOME: home, JOULEBOOK_NESO_URL: 'http://127.0.0.1:9' };
  context = { places: placesOf(environment), environment } as unknown as CliContext;
});
afterEach(() => rmSync(home, { recursive: true }));

function set(impact: { zone: string; service: 'neso' | 'offline' }): void {
  const { history: path, lock: owner } = context.places;
  const store = new Store({ path, owner, boot: 'boot', defaults: defaultSettings({}) });
  store.saveSettings({ impact });
  store.close();
}

describe('impact on the command line, without a meter', () => {
  it('knows no zone where nothing is set', async () => {
    expect(await impactNow(context)).toMatchObject({ zone: null, carbon: null });
  });

  it('reads the settings from the history', async () => {
    set({ zone: 'FR', service: 'offline' });
    expect((await impactNow(context)).carbon).toMatchObject({ value: 31, note: null });
  });

  it('has the year beside a service that fails', async () => {
    set({ zone: 'GB', service: 'neso' });
    const { carbon, carbon_year } = await impactNow(context);
    expect(carbon?.note).toMatch(/neso failed/);
    expect(carbon_year).toMatchObject({ value: 176, service: 'offline', year: 2025, note: null });
  });
});
