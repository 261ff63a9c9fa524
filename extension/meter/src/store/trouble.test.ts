import { existsSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { execution, running } from './fixtures/executions.ts';
import { Stores } from './fixtures/stores.ts';
import { openHistory } from './open.ts';
import type { Store } from './store.ts';

let stores: Stores;
beforeEach(() => {
  stores = new Stores();
});
afterEach(() => stores.end());

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

/** Overwrites all pages but the last ones with noise. */
function damage(file: string, size: number): void {
  writeFileSync(file, new Uint8Array(size - 4096).fill(0xa5), { flag: 'r+' });
}

/** A store whose file's pages turn out damaged while it is open; what is recorded then can be read. */
function meetsDamage(): Store {
  const store = stores.open();
  for (let n = 0; n < 500; n++) store.record(execution(n));
  stores.close(store);
  const { size } = statSync(stores.path);
  const again = stores.open({
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

describe('Store in trouble', () => {
  it('sets a corrupt file aside, says so, and begins a new one', () => {
    stores.close(stores.open());
    writeFileSync(stores.path, 'this is no database, whatever its name says '.repeat(100));
    const store = stores.open();
    store.record(execution(1));
    expect(store.list({})).toHaveLength(1);
    expect(store.state).toMatchObject({ state: 'file', waiting: 0 });
    const { set_aside } = store.state;
    expect(set_aside).toMatch(/history-corrupt-\d{4}-\d{2}-\d{2}T.*\.sqlite$/);
    expect(existsSync(set_aside ?? '')).toBe(true);
    expect(stores.said.join()).toContain('was corrupt');
  });

  it('sets a file aside whose pages turn out damaged while it is open', () => {
    const { state } = meetsDamage();
    expect(state.set_aside).not.toBeNull();
    expect(readdirSync(join(stores.folder, 'data')).some(name => name.includes('corrupt'))).toBe(
      true
    );
  });

  it('goes on in memory when a corrupt file cannot be set aside, and says so', () => {
    // With `-corrupt-<date>` its name would be longer than a file's may be.
    stores.path = join(stores.folder, 'data', `${'h'.repeat(230)}.sqlite`);
    const { state } = meetsDamage();
    expect(state).toMatchObject({ state: 'memory', waiting: 1, set_aside: null });
    expect(stores.said.join()).toContain('ENAMETOOLONG');
  });

  it('goes on with the open file while its folder cannot be looked into', () => {
    const store = stores.open();
    rmSync(stores.path);
    symlinkSync(stores.path, stores.path);
    expect(store.flush()).toBe(true);
    store.record(execution(1));
    rmSync(stores.path);
    store.flush();
    expect(stores.said.join()).toContain('was removed or renamed');
  });

  it('goes on in memory while the disk is full, and writes everything later', () => {
    const disk = smallDisk();
    const store = stores.open({ open: disk.opener });
    store.record(running(0));
    disk.resize(1);
    for (let n = 0; n < 200; n++) store.record(execution(n, { cell_id: null }));
    store.label([{ msg_id: 'message-0', notebook: '/b.ipynb', cell_id: 'c' }]);
    expect(store.state).toMatchObject({ state: 'memory' });
    expect(store.state.detail).toContain('full');
    expect(stores.said).toHaveLength(1);
    expect(store.list({ limit: 50 })).toHaveLength(50);
    expect(store.list({ status: 'running' })).toEqual([]);
    expect(store.list({})).toHaveLength(200);
    expect(store.flush()).toBe(false);

    disk.resize(1e6);
    expect(store.flush()).toBe(true);
    expect(store.state).toMatchObject({ state: 'file', waiting: 0, detail: null });
    stores.close(store);
    const rows = stores.open().list({});
    expect(rows).toHaveLength(200);
    expect(rows[0]).toMatchObject({ notebook: '/b.ipynb', cell_id: 'c' });
  });

  it('does not bring back a setting of an earlier time without a writable file', () => {
    const disk = smallDisk();
    const store = stores.open({ open: disk.opener });
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
    writeFileSync(join(stores.folder, 'data'), 'a file where the folder should be');
    const store = stores.open();
    store.record(execution(1));
    expect(store.get(execution(1).id)).toEqual(execution(1));
    expect(store.state).toMatchObject({ state: 'memory', waiting: 1 });
    rmSync(join(stores.folder, 'data'));
    expect(store.flush()).toBe(true);
    stores.close(store);
    expect(stores.open().list({})).toHaveLength(1);
  });

  it('begins a new file when the one in use is removed', () => {
    const store = stores.open();
    store.record(execution(1));
    rmSync(stores.path);
    expect(store.flush()).toBe(true);
    store.record(execution(2));
    stores.close(store);
    expect(stores.open().list({})).toEqual([execution(2)]);
    expect(stores.said.join()).toContain('was removed or renamed');
  });

  it('does not touch a file that a newer joulebook wrote', () => {
    stores.close(stores.open());
    const newer = new DatabaseSync(stores.path);
    newer.exec('PRAGMA user_version = 1000');
    newer.close();
    const store = stores.open();
    store.record(execution(1));
    expect(store.state.state).toBe('memory');
    expect(store.state.detail).toContain('schema version');
  });
});
