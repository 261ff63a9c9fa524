import { DatabaseSync } from 'node:sqlite';
import { execution, running } from './fixtures/executions.ts';
import { Stores } from './fixtures/stores.ts';
import { defaultSettings } from './settings.ts';

let stores: Stores;
beforeEach(() => {
  stores = new Stores();
});
afterEach(() => stores.end());

describe('settings', () => {
  it('changes one figure of the impact and keeps the others', () => {
    const store = stores.open();
    store.saveSettings({ impact: { zone: 'FR', tariff: 0.2 } });
    store.saveSettings({ impact: { pue: 1.2 } });
    expect(store.settings().impact).toMatchObject({ zone: 'FR', tariff: 0.2, pue: 1.2 });
    expect(store.settings().impact.service).toBe('offline');
  });

  it('refuses a policy of the environment that is none', () => {
    expect(defaultSettings({ JOULEBOOK_POLICY: 'exclusive' }).policy).toBe('exclusive');
    expect(defaultSettings({ JOULEBOOK_POLICY: '' }).policy).toBe('active');
    expect(() => defaultSettings({ JOULEBOOK_POLICY: 'greedy' })).toThrow(
      /expected JOULEBOOK_POLICY to be active, share-idle, exclusive, got greedy/
    );
  });

  it('keeps settings, and the defaults where none are set', () => {
    const store = stores.open();
    expect(store.saveSettings({ retention_days: 30 })).toEqual({
      ...defaultSettings({}),
      retention_days: 30
    });
    store.saveSettings({ policy: 'exclusive' });
    stores.close(store);
    expect(stores.open().settings()).toEqual({
      ...defaultSettings({}),
      policy: 'exclusive',
      retention_days: 30
    });
  });

  it('deletes ended executions older than the retention, and none when it is 0', () => {
    const store = stores.open();
    const now = new Date(execution(86400 + 50).started_at);
    for (let n = 0; n < 100; n++) store.record(n === 10 ? running(n) : execution(n));
    expect(store.prune(now)).toBe(0);
    store.saveSettings({ retention_days: 1 });
    expect(store.prune(now)).toBe(49);
    expect(store.list({}).map(({ id }) => Number(id))[0]).toBe(10);
  });

  it('forgets notebooks and kernels with the last execution that names them', () => {
    const store = stores.open();
    const now = new Date(execution(86400 + 50).started_at);
    store.record(execution(1, { notebook: '/private.ipynb', kernel_id: 'gone' }));
    store.record(execution(2, { notebook: '/kept.ipynb', kernel_id: 'kept' }));
    store.record(execution(60, { notebook: '/kept.ipynb', kernel_id: 'kept' }));
    store.saveSettings({ retention_days: 1 });
    expect(store.prune(now)).toBe(2);
    stores.close(store);
    const database = new DatabaseSync(stores.path);
    const names = 'SELECT path AS name FROM notebooks UNION ALL SELECT kernel_id FROM kernels';
    const rows = database.prepare(names).all();
    database.close();
    expect(rows.map(({ name }) => name)).toEqual(['/kept.ipynb', 'kept']);
  });
});
