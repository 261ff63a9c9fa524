import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execution, measured, running } from './fixtures/executions.ts';
import { Stores } from './fixtures/stores.ts';
import type { Store } from './store.ts';

let stores: Stores;
beforeEach(() => {
  stores = new Stores();
});
afterEach(() => stores.end());

describe('Store', () => {
  it('gives back an execution as it was recorded', () => {
    const store = stores.open();
    store.record(running(1));
    store.record(execution(1));
    expect(store.get(execution(1).id)).toEqual(execution(1));
    expect(store.list({})).toEqual([execution(1)]);
  });

  it('keeps history through a restart', () => {
    stores.close(stores.open());
    const first = stores.open();
    for (let n = 0; n < 10; n++) first.record(execution(n));
    stores.close(first);
    const second = stores.open();
    expect(second.list({})).toHaveLength(10);
    expect(second.lastChange).toBe(10);
  });

  it('lets only its user read the file and the folder', () => {
    stores.open().record(execution(1));
    const mode = (file: string) => statSync(file).mode & 0o777;
    expect(mode(stores.path)).toBe(0o600);
    expect(mode(`${stores.path}-wal`)).toBe(0o600);
    expect(mode(join(stores.folder, 'data'))).toBe(0o700);
  });

  it('takes back permissions that were too wide', () => {
    stores.close(stores.open());
    chmodSync(stores.path, 0o644);
    stores.open();
    expect(statSync(stores.path).mode & 0o777).toBe(0o600);
  });

  it('filters by notebook, kernel, status and time, in either order', () => {
    const store = stores.open();
    for (let n = 0; n < 100; n++) store.record(execution(n, n === 30 ? { status: 'error' } : {}));
    const numbers = (query: Parameters<Store['list']>[0]) =>
      store.list(query).map(({ id }) => Number(id));
    expect(numbers({ notebook: '/home/ada/notebook-3.ipynb', limit: 3 })).toEqual([3, 13, 23]);
    expect(numbers({ kernelId: 'kernel-3', order: 'desc' })).toEqual([83, 63, 43, 23, 3]);
    expect(numbers({ status: 'error' })).toEqual([30]);
    expect(numbers({ notebook: '/home/ada/notebook-0.ipynb', status: 'error' })).toEqual([30]);
    expect(numbers({ since: execution(97).started_at })).toEqual([97, 98, 99]);
    expect(numbers({ until: execution(2).started_at })).toEqual([0, 1]);
    expect(numbers({ notebook: '/nowhere.ipynb' })).toEqual([]);
  });

  it('pages through executions that started at the same time without loss or repetition', () => {
    const store = stores.open();
    const { started_at } = execution(0);
    for (let n = 0; n < 25; n++) store.record(execution(n, { started_at }));
    for (const order of ['asc', 'desc'] as const) {
      const seen: string[] = [];
      for (;;) {
        const afterId = seen.at(-1);
        const page = store.list({ order, limit: 10, ...(afterId ? { afterId } : {}) });
        if (page.length === 0) break;
        seen.push(...page.map(({ id }) => id));
      }
      expect(new Set(seen).size).toBe(25);
      expect(seen).toHaveLength(25);
    }
  });

  it('lists nothing after an unknown execution', () => {
    const store = stores.open();
    store.record(execution(1));
    expect(store.list({ afterId: 'unknown' })).toEqual([]);
  });

  it('names cells whether the label comes before or after the execution', () => {
    const store = stores.open();
    const unnamed = { notebook: null, cell_id: null };
    const label = (n: number) => ({
      msg_id: `message-${n}`,
      notebook: '/b.ipynb',
      cell_id: `c${n}`
    });
    store.label([label(1)]);
    expect(store.record(running(1, unnamed)).execution).toMatchObject({
      notebook: '/b.ipynb',
      cell_id: 'c1'
    });
    store.record(running(2, unnamed));
    expect(store.label([label(2)]).map(({ execution: { cell_id } }) => cell_id)).toEqual(['c2']);
    expect(store.label([label(2)])).toEqual([]);
    store.record(execution(2, unnamed));
    expect(store.list({ notebook: '/b.ipynb' })).toHaveLength(2);
  });

  it('does not give a label to the same message id of another kernel', () => {
    const store = stores.open();
    const label = { msg_id: 'message-1', notebook: '/b.ipynb', cell_id: 'c' };
    store.label([{ ...label, kernel_id: 'another' }]);
    expect(store.record(execution(1)).execution.cell_id).toBe('cell-1');
    store.label([{ ...label, kernel_id: 'kernel-1' }]);
    expect(store.get(execution(1).id)?.cell_id).toBe('c');
  });

  it('numbers changes so that a client can ask what it missed', () => {
    const store = stores.open();
    const { change } = store.record(running(1));
    store.record(running(2));
    store.saveProgress(running(2, { total: measured(7) }));
    store.record(execution(1));
    expect(
      store.changesSince(change, 10).map(({ execution: { id, status } }) => [id, status])
    ).toEqual([
      [execution(2).id, 'running'],
      [execution(1).id, 'ok']
    ]);
    expect(store.get(execution(2).id)?.total.joules).toBe(7);
    expect(store.changesSince(store.lastChange, 10)).toEqual([]);
  });

  it('tells which executions have no end, with the daemon and boot they are of', () => {
    const store = stores.open();
    store.record(running(1));
    store.record(execution(2));
    const rows = store.unfinished();
    expect(rows.map(({ execution: { id } }) => id)).toEqual([execution(1).id]);
    expect(rows[0]?.stamp).toMatchObject({ owner: '/run/a/meter.lock', boot: 'boot-1' });
  });

  it('shares one file with another daemon', () => {
    const one = stores.open();
    const two = stores.open({ owner: '/run/b/meter.lock' });
    for (let n = 0; n < 50; n++) (n % 2 === 0 ? one : two).record(execution(n));
    expect(one.list({})).toHaveLength(50);
    const changes = two.changesSince(0, 100).map(({ change }) => change);
    expect(new Set(changes).size).toBe(50);
  });
});
