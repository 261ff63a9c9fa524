import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { execution, measured, running } from './fixtures/executions.ts';
import { openHistory } from './open.ts';
import { defaultSettings } from './settings.ts';
import { Store, type StoreOptions } from './store.ts';

let folder: string;
let path: string;
let said: string[];
let open: Store[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-store-'));
  path = join(folder, 'data', 'history.sqlite');
  said = [];
  open = [];
});
afterEach(() => {
  for (const store of open) store.close();
  rmSync(folder, { recursive: true });
});

function openStore(options: Partial<StoreOptions> = {}): Store {
  const store = new Store({
    path,
    owner: '/run/a/meter.lock',
    boot: 'boot-1',
    defaults: defaultSettings({}),
    say: message => said.push(message),
    ...options
  });
  open.push(store);
  return store;
}

function closeStore(store: Store): void {
  store.close();
  open.splice(open.indexOf(store), 1);
}

/** Opens histories that hold at most `pages` pages, as on a disk with no more room. */
function smallDisk() {
  const disk = { pages: 1, opened: undefined as DatabaseSync | undefined };
  const opener = (file: string) => {
    const opened = openHistory(file);
    disk.opened = opened.database;
    return opened;
  };
  const resize = (pages: number) => disk.opened?.exec(`PRAGMA max_page_count = ${pages}`);
  return { opener, resize };
}

describe('Store', () => {
  it('gives back an execution as it was recorded', () => {
    const store = openStore();
    store.record(running(1));
    store.record(execution(1));
    expect(store.get(execution(1).id)).toEqual(execution(1));
    expect(store.list({})).toEqual([execution(1)]);
  });

  it('keeps history through a restart', () => {
    closeStore(openStore());
    const first = openStore();
    for (let n = 0; n < 10; n++) first.record(execution(n));
    closeStore(first);
    const second = openStore();
    expect(second.list({})).toHaveLength(10);
    expect(second.lastChange).toBe(10);
  });

  it('lets only its user read the file and the folder', () => {
    openStore().record(execution(1));
    const mode = (file: string) => statSync(file).mode & 0o777;
    expect(mode(path)).toBe(0o600);
    expect(mode(`${path}-wal`)).toBe(0o600);
    expect(mode(join(folder, 'data'))).toBe(0o700);
  });

  it('takes back permissions that were too wide', () => {
    closeStore(openStore());
    chmodSync(path, 0o644);
    openStore();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('filters by notebook, kernel, status and time, in either order', () => {
    const store = openStore();
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
    const store = openStore();
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
    const store = openStore();
    store.record(execution(1));
    expect(store.list({ afterId: 'unknown' })).toEqual([]);
  });

  it('names cells whether the label comes before or after the execution', () => {
    const store = openStore();
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
    const store = openStore();
    const label = { msg_id: 'message-1', notebook: '/b.ipynb', cell_id: 'c' };
    store.label([{ ...label, kernel_id: 'another' }]);
    expect(store.record(execution(1)).execution.cell_id).toBe('cell-1');
    store.label([{ ...label, kernel_id: 'kernel-1' }]);
    expect(store.get(execution(1).id)?.cell_id).toBe('c');
  });

  it('numbers changes so that a client can ask what it missed', () => {
    const store = openStore();
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
    const store = openStore();
    store.record(running(1));
    store.record(execution(2));
    const rows = store.unfinished();
    expect(rows.map(({ execution: { id } }) => id)).toEqual([execution(1).id]);
    expect(rows[0]?.stamp).toMatchObject({ owner: '/run/a/meter.lock', boot: 'boot-1' });
  });

  it('changes one figure of the impact and keeps the others', () => {
    const store = openStore();
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
    const store = openStore();
    expect(store.saveSettings({ retention_days: 30 })).toEqual({
      ...defaultSettings({}),
      retention_days: 30
    });
    store.saveSettings({ policy: 'exclusive' });
    closeStore(store);
    expect(openStore().settings()).toEqual({
      ...defaultSettings({}),
      policy: 'exclusive',
      retention_days: 30
    });
  });

  it('deletes ended executions older than the retention, and none when it is 0', () => {
    const store = openStore();
    const now = new Date(execution(86400 + 50).started_at);
    for (let n = 0; n < 100; n++) store.record(n === 10 ? running(n) : execution(n));
    expect(store.prune(now)).toBe(0);
    store.saveSettings({ retention_days: 1 });
    expect(store.prune(now)).toBe(49);
    expect(store.list({}).map(({ id }) => Number(id))[0]).toBe(10);
  });

  it('forgets notebooks and kernels with the last execution that names them', () => {
    const store = openStore();
    const now = new Date(execution(86400 + 50).started_at);
    store.record(execution(1, { notebook: '/private.ipynb', kernel_id: 'gone' }));
    store.record(execution(2, { notebook: '/kept.ipynb', kernel_id: 'kept' }));
    store.record(execution(60, { notebook: '/kept.ipynb', kernel_id: 'kept' }));
    store.saveSettings({ retention_days: 1 });
    expect(store.prune(now)).toBe(2);
    closeStore(store);
    const database = new DatabaseSync(path);
    const names = 'SELECT path AS name FROM notebooks UNION ALL SELECT kernel_id FROM kernels';
    const rows = database.prepare(names).all();
    database.close();
    expect(rows.map(({ name }) => name)).toEqual(['/kept.ipynb', 'kept']);
  });

  it('sets a corrupt file aside, says so, and begins a new one', () => {
    closeStore(openStore());
    writeFileSync(path, 'this is no database, whatever its name says '.repeat(100));
    const store = openStore();
    store.record(execution(1));
    expect(store.list({})).toHaveLength(1);
    expect(store.state).toMatchObject({ state: 'file', waiting: 0 });
    const { set_aside } = store.state;
    expect(set_aside).toMatch(/history-corrupt-\d{4}-\d{2}-\d{2}T.*\.sqlite$/);
    expect(existsSync(set_aside ?? '')).toBe(true);
    expect(said.join()).toContain('was corrupt');
  });

  it('sets a file aside whose pages turn out damaged while it is open', () => {
    const { state } = meetsDamage();
    expect(state.set_aside).not.toBeNull();
    expect(readdirSync(join(folder, 'data')).some(name => name.includes('corrupt'))).toBe(true);
  });

  it('goes on in memory when a corrupt file cannot be set aside, and says so', () => {
    // With `-corrupt-<date>` its name would be longer than a file's may be.
    path = join(folder, 'data', `${'h'.repeat(230)}.sqlite`);
    const { state } = meetsDamage();
    expect(state).toMatchObject({ state: 'memory', waiting: 1, set_aside: null });
    expect(said.join()).toContain('ENAMETOOLONG');
  });

  it('goes on with the open file while its folder cannot be looked into', () => {
    const store = openStore();
    rmSync(path);
    symlinkSync(path, path);
    expect(store.flush()).toBe(true);
    store.record(execution(1));
    rmSync(path);
    store.flush();
    expect(said.join()).toContain('was removed or renamed');
  });

  it('goes on in memory while the disk is full, and writes everything later', () => {
    const disk = smallDisk();
    const store = openStore({ open: disk.opener });
    store.record(running(0));
    disk.resize(1);
    for (let n = 0; n < 200; n++) store.record(execution(n, { cell_id: null }));
    store.label([{ msg_id: 'message-0', notebook: '/b.ipynb', cell_id: 'c' }]);
    expect(store.state).toMatchObject({ state: 'memory' });
    expect(store.state.detail).toContain('full');
    expect(said).toHaveLength(1);
    expect(store.list({ limit: 50 })).toHaveLength(50);
    expect(store.list({ status: 'running' })).toEqual([]);
    expect(store.list({})).toHaveLength(200);
    expect(store.flush()).toBe(false);

    disk.resize(1e6);
    expect(store.flush()).toBe(true);
    expect(store.state).toMatchObject({ state: 'file', waiting: 0, detail: null });
    closeStore(store);
    const rows = openStore().list({});
    expect(rows).toHaveLength(200);
    expect(rows[0]).toMatchObject({ notebook: '/b.ipynb', cell_id: 'c' });
  });

  it('does not bring back a setting of an earlier time without a writable file', () => {
    const disk = smallDisk();
    const store = openStore({ open: disk.opener });
    let n = 0;
    const fill = () => {
      disk.resize(1);
      while (store.state.state === 'file') store.record(execution(n++));
    };
    fill();
    store.saveSettings({ retention_days: 30 });
    disk.resize(1e6);
    expect(store.flush()).toBe(true);
    store.saveSettings({ retention_days: 60 });
    fill();
    expect(store.settings().retention_days).toBe(60);
  });

  it('goes on in memory when the file cannot be opened at all', () => {
    writeFileSync(join(folder, 'data'), 'a file where the folder should be');
    const store = openStore();
    store.record(execution(1));
    expect(store.get(execution(1).id)).toEqual(execution(1));
    expect(store.state).toMatchObject({ state: 'memory', waiting: 1 });
    rmSync(join(folder, 'data'));
    expect(store.flush()).toBe(true);
    closeStore(store);
    expect(openStore().list({})).toHaveLength(1);
  });

  it('begins a new file when the one in use is removed', () => {
    const store = openStore();
    store.record(execution(1));
    rmSync(path);
    expect(store.flush()).toBe(true);
    store.record(execution(2));
    closeStore(store);
    expect(openStore().list({})).toEqual([execution(2)]);
    expect(said.join()).toContain('was removed or renamed');
  });

  it('does not touch a file that a newer joulebook wrote', () => {
    closeStore(openStore());
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 1000');
    newer.close();
    const store = openStore();
    store.record(execution(1));
    expect(store.state.state).toBe('memory');
    expect(store.state.detail).toContain('schema version');
  });

  it('shares one file with another daemon', () => {
    const one = openStore();
    const two = openStore({ owner: '/run/b/meter.lock' });
    for (let n = 0; n < 50; n++) (n % 2 === 0 ? one : two).record(execution(n));
    expect(one.list({})).toHaveLength(50);
    const changes = two.changesSince(0, 100).map(({ change }) => change);
    expect(new Set(changes).size).toBe(50);
  });
});

/** Overwrites all pages but the last ones with noise. */
/** A store whose file's pages turn out damaged while it is open; what is recorded then can be read. */
function meetsDamage(): Store {
  const store = openStore();
  for (let n = 0; n < 500; n++) store.record(execution(n));
  closeStore(store);
  const { size } = statSync(path);
  const again = openStore({
    open: file => {
      const opened = openHistory(file);
      if (statSync(file).size === size) damage(file, size);
      opened.database.exec('PRAGMA shrink_memory');
      return opened;
    }
  });
  again.list({});
  again.record(execution(1000));
  expect(again.get(execution(1000).id)).toEqual(execution(1000));
  return again;
}

function damage(file: string, size: number): void {
  writeFileSync(file, new Uint8Array(size - 4096).fill(0xa5), { flag: 'r+' });
}
