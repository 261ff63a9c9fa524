import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from '../api/client.ts';
import { bundlePrograms } from '../cli/fixtures/bundle.ts';
import type { Execution } from '../execution.ts';
import { forbidFiles } from '../fixtures/no-files.ts';
import { placesOf, type Places } from '../paths.ts';
import { execution, running } from '../store/fixtures/executions.ts';

jest.setTimeout(30_000);
const quiet = '--disable-warning=ExperimentalWarning';
const asNobody = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv');

let main: string;
let script: string;
let folder: string;
let environment: Record<string, string>;
let places: Places;
let children: ChildProcess[];

beforeAll(() => {
  ({ main, smallDaemon: script } = bundlePrograms('daemon'));
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-daemon-'));
  settle({});
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Chooses the places of the next daemon. */
function settle(changes: Record<string, string>): void {
  environment = {
    PATH: process.env['PATH'] ?? '',
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    JUPYTER_DATA_DIR: join(folder, 'data'),
    XDG_RUNTIME_DIR: folder,
    ...changes
  };
  places = placesOf(environment);
}

/** Starts a daemon; answers its lines up to `ready`, or its exit code when it ends before. */
async function start(...args: number[]) {
  const options = [quiet, script, ...args.map(String)];
  const child = spawn(process.execPath, options, {
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore']
  });
  children.push(child);
  const lines: string[] = [];
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const ready = new Promise<void>(resolve =>
    createInterface({ input: child.stdout }).on('line', line => {
      lines.push(line);
      if (line.startsWith('ready')) resolve();
    })
  );
  await Promise.race([exited, ready]);
  const tell = (name: 'started' | 'finished', what: Execution) =>
    child.stdin.write(`${JSON.stringify({ name, execution: what })}\n`);
  return { child, lines, exited, tell };
}

/** Waits until the daemon's history says so. */
async function stored(id: string, status: string): Promise<void> {
  const client = new ApiClient(places.socket);
  for (;;) {
    const found = await client.get<Execution>(`/v1/executions/${id}`).catch(() => undefined);
    if (found?.status === status) return;
  }
}

describe('the daemon', () => {
  it('says when it is ready, and answers', async () => {
    const { lines } = await start();
    expect(lines).toEqual([`ready ${places.socket}`]);
    expect((await new ApiClient(places.socket).status()).version).toBe('0.1.0');
    expect(statSync(places.socket).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(places.socket)).mode & 0o777).toBe(0o700);
    expect(statSync(places.history).mode & 0o777).toBe(0o600);
  });

  it('is one, however many start at once', async () => {
    const started = await Promise.all([start(), start(), start(), start()]);
    const pid = (await new ApiClient(places.socket).status()).pid;
    const others = started.filter(({ child }) => child.pid !== pid);
    expect(others).toHaveLength(3);
    for (const { exited, lines } of others) {
      expect(await exited).toBe(0);
      expect(lines[0]).toBe(`already running, pid ${pid}`);
    }
  });

  it('closes cleanly on SIGTERM and leaves no socket', async () => {
    const { child, exited } = await start();
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(existsSync(places.socket)).toBe(false);
    expect(readFileSync(places.log, 'utf8')).toMatch(/serves .*\n.* stopped\n$/);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'takes up after %s what was running, and the stale socket and lock',
    async signal => {
      const first = await start();
      first.tell('started', running(1));
      first.tell('finished', execution(2));
      await stored(execution(2).id, 'ok');
      first.child.kill(signal);
      await first.exited;
      const second = await start();
      expect(second.lines).toEqual([`ready ${places.socket} resumed ${running(1).id}`]);
      second.tell('finished', execution(1));
      await stored(execution(1).id, 'ok');
    }
  );

  it('leaves what another living daemon of the same history runs', async () => {
    const first = await start();
    first.tell('started', running(1));
    await stored(running(1).id, 'running');
    settle({ JUPYTER_RUNTIME_DIR: join(folder, 'other') });
    expect((await start()).lines).toEqual([`ready ${places.socket}`]);
  });

  it('adopts what a dead daemon of the same history left', async () => {
    const first = await start();
    first.tell('started', running(1));
    await stored(running(1).id, 'running');
    first.child.kill('SIGKILL');
    await first.exited;
    settle({ JUPYTER_RUNTIME_DIR: join(folder, 'other') });
    expect((await start()).lines[0]).toContain(`resumed ${running(1).id}`);
  });

  it('says in its log what it does not meter, and why', async () => {
    const child = spawn(process.execPath, [quiet, main, 'serve'], { env: environment });
    children.push(child);
    await once(child.stdout, 'data');
    const path = join(places.runtimeDir, 'kernel-bad.json');
    writeFileSync(path, JSON.stringify({ ip: 'no address', iopub_port: 5 }));
    const said = new RegExp(`Z refused ${path}: .*no address`);
    while (!said.test(readFileSync(places.log, 'utf8'))) await pause(20);
  });

  it('goes on while it can open no file, and its log says what it does not see', async () => {
    const child = spawn(process.execPath, [quiet, main, 'serve'], { env: environment });
    children.push(child);
    await once(child.stdout, 'data');
    const allow = forbidFiles(child.pid!);
    const log = () => readFileSync(places.log, 'utf8');
    while (!log().includes('cannot be listed (EMFILE)') && child.exitCode === null) {
      await pause(20);
    }
    // The first look for new processes comes after 5 s: all that is done more often was done by then.
    allow();
    expect(log()).not.toContain('ends:');
    expect((await new ApiClient(places.socket).status()).pid).toBe(child.pid);
  });

  it('leaves when its last lease has gone, not while one is held', async () => {
    const { exited } = await start(200);
    const client = new ApiClient(places.socket);
    const ends = [await client.lease(), await client.lease()];
    ends[0]?.();
    expect((await client.status()).pid).toBeGreaterThan(0);
    ends[1]?.();
    expect(await exited).toBe(0);
  });

  it('leaves when no lease ever comes', async () => {
    const { exited } = await start(60_000, 100);
    expect(await exited).toBe(0);
  });

  it('finds another place when the path of its socket is too long, and leaves nothing there', async () => {
    settle({ JUPYTER_RUNTIME_DIR: join(folder, 'long'.repeat(40)) });
    const { child, exited, lines } = await start();
    expect(lines).toEqual([`ready ${places.socket}`]);
    expect(Buffer.byteLength(places.socket)).toBeLessThan(100);
    expect((await new ApiClient(places.socket).status()).version).toBe('0.1.0');
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(existsSync(places.socketDir)).toBe(false);
  });

  it('starts with a file that is no lock and no socket in their places', async () => {
    mkdirSync(dirname(places.lock), { recursive: true, mode: 0o700 });
    writeFileSync(places.lock, '12345\n');
    writeFileSync(places.socket, 'no socket');
    const { lines } = await start();
    expect(lines).toEqual([`ready ${places.socket}`]);
  });

  it('does not use a folder for its socket that another user made', async () => {
    settle({ JUPYTER_RUNTIME_DIR: join(folder, 'long'.repeat(40)) });
    symlinkSync(tmpdir(), places.socketDir);
    const { exited } = await start();
    expect(await exited).toBe(1);
  });

  it('refuses another user', async () => {
    chmodSync(folder, 0o755);
    settle({ JOULEBOOK_SOCKET: join(folder, 'open-to-all.sock') });
    await start();
    expect(statSync(places.socket).mode & 0o777).toBe(0o600);
    // Only root can act as another user and try.
    if (!asNobody) return;
    const code = `require('net').connect(${JSON.stringify(places.socket)})
      .on('error', e => { console.log(e.code); }).on('connect', () => console.log('connected'))`;
    const other = [
      '--reuid',
      '65534',
      '--regid',
      '65534',
      '--clear-groups',
      process.execPath,
      '-e',
      code
    ];
    const { stdout } = spawnSync('setpriv', other, { encoding: 'utf8', cwd: '/' });
    expect(stdout.trim()).toBe('EACCES');
  });
});
