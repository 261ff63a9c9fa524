import { createHmac, randomUUID } from 'node:crypto';
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curveKeyPair, XPublisher } from 'zeromq';

import { monotonicNs } from '../clock.ts';
import { withoutFiles } from '../fixtures/no-files.ts';
import { WallClock } from '../wall-clock.ts';
import type { KernelListener } from './kernel-listener.ts';
import { type KernelPlaces, Kernels, largestMessageBytes } from './kernels.ts';
import type { CellWindow, WindowChange } from './windows.ts';

/** A kernel as far as its iopub socket goes: a real (X)PUB socket and real signatures. */
class TalkingKernel {
  readonly socket = new XPublisher({ linger: 0 });
  readonly fields: Record<string, unknown>;
  readonly #key: string = randomUUID();

  private constructor(fields: Record<string, unknown>) {
    this.fields = { key: this.#key, signature_scheme: 'hmac-sha256', ...fields };
  }

  static async tcp(extra: Record<string, unknown> = {}): Promise<TalkingKernel> {
    const kernel = new TalkingKernel({ transport: 'tcp', ip: '127.0.0.1', ...extra });
    if (typeof extra.curve_secretkey === 'string') {
      kernel.socket.curveServer = true;
      kernel.socket.curveSecretKey = extra.curve_secretkey;
    }
    await kernel.socket.bind('tcp://127.0.0.1:*');
    kernel.fields.iopub_port = Number(kernel.socket.lastEndpoint?.split(':').at(-1));
    return kernel;
  }

  static async ipc(ip: string): Promise<TalkingKernel> {
    const kernel = new TalkingKernel({ transport: 'ipc', ip, iopub_port: 4 });
    await kernel.socket.bind(`ipc://${ip}-4`);
    return kernel;
  }

  /** Whoever listens has subscribed; before, nothing reaches them. */
  async heard(): Promise<void> {
    await this.socket.receive();
  }

  async say(type: string, content: unknown, { parent = 'p', key = this.#key } = {}) {
    const header = { msg_id: randomUUID(), msg_type: type, date: new Date().toISOString() };
    const parentHeader = { msg_id: parent, msg_type: 'execute_request' };
    const parts = [header, parentHeader, {}, content].map(part => JSON.stringify(part));
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    await this.socket.send([`kernel.${type}`, '<IDS|MSG>', hmac.digest('hex'), ...parts]);
  }

  async run(parent: string, code: string, count: number) {
    await this.say('status', { execution_state: 'busy' }, { parent });
    await this.say('execute_input', { code, execution_count: count }, { parent });
    await this.say('status', { execution_state: 'idle' }, { parent });
  }
}

describe('Kernels', () => {
  let folder: string;
  let kernels: Kernels;
  let events: EventEmitter;
  let edges: number;
  let told: string[];
  let windows: [WindowChange, CellWindow, KernelListener][];
  const talking: TalkingKernel[] = [];
  const processes: ChildProcess[] = [];
  const counts = { bad_signatures: 0, malformed_messages: 0, unknown_messages: 0 };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kernels-'));
    mkdirSync(join(folder, 'temp'));
    events = new EventEmitter();
    edges = 0;
    told = [];
    windows = [];
    Object.assign(counts, { bad_signatures: 0, malformed_messages: 0, unknown_messages: 0 });
    kernels = listening();
  });
  const listening = (system?: KernelPlaces['system']) =>
    new Kernels(
      {
        ...{ runtimeDir: join(folder, 'runtime'), tempDir: join(folder, 'temp') },
        ...{ user: process.getuid?.() ?? 0, system }
      },
      {
        clock: new WallClock(),
        counts,
        events: {
          edge: () => (edges += 1),
          window: (change, window, kernel) => {
            windows.push([change, { ...window }, kernel]);
            events.emit(change);
          },
          broken: kernel => events.emit('broken', kernel),
          changed: kernel => events.emit('changed', kernel),
          trouble: what => told.push(what)
        }
      }
    );
  afterEach(async () => {
    await kernels.stop();
    for (const kernel of talking.splice(0)) kernel.socket.close();
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const file = (fields: unknown, name = 'runtime/kernel-1.json') => {
    const path = join(folder, name);
    writeFileSync(path, typeof fields === 'string' ? fields : JSON.stringify(fields));
    return path;
  };
  const tcp = async (extra?: Record<string, unknown>) => {
    const kernel = await TalkingKernel.tcp(extra);
    talking.push(kernel);
    return kernel;
  };
  const pretend = (
    path: string,
    runtimeDir = join(folder, 'runtime'),
    session = '/home/me/n.ipynb'
  ) => {
    const child = spawn('sh', ['-c', 'read line', 'kernel', '-f', path], {
      stdio: 'pipe',
      env: { ...process.env, JUPYTER_RUNTIME_DIR: runtimeDir, JPY_SESSION_NAME: session }
    });
    processes.push(child);
    return child;
  };

  async function expectCell(kernel: TalkingKernel) {
    await kernel.heard();
    const closed = once(events, 'closed');
    await kernel.run('cell-1', 'print("ä")', 7);
    await closed;
    expect(windows.map(([change]) => change)).toEqual(['opened', 'announced', 'closed']);
    expect(windows.at(-1)?.[1]).toMatchObject({
      msgId: 'cell-1',
      status: 'ok',
      executionCount: 7,
      sourceSha256: 'b0c34e39a8f872fe256495f2af65149aeb7f8c0edeee923cf9cd17caf5343cf1'
    });
    expect(edges).toBe(2);
  }

  it('hears a kernel whose connection file appears', async () => {
    kernels.start();
    const kernel = await tcp();
    file(kernel.fields);
    await expectCell(kernel);
  });

  it('hears a kernel that ran before the meter', async () => {
    const kernel = await tcp();
    mkdirSync(join(folder, 'runtime'));
    file(kernel.fields);
    kernels.start();
    await expectCell(kernel);
  });

  it('hears a kernel over ipc', async () => {
    const kernel = await TalkingKernel.ipc(join(folder, 'socket'));
    talking.push(kernel);
    kernels.start();
    file(kernel.fields);
    await expectCell(kernel);
  });

  it('hears an encrypted kernel', async () => {
    const { publicKey, secretKey } = curveKeyPair();
    const kernel = await tcp({ curve_publickey: publicKey, curve_secretkey: secretKey });
    kernels.start();
    file(kernel.fields);
    await expectCell(kernel);
  });

  it('hears a kernel whose file lies in the temporary folder (jupyter execute)', async () => {
    kernels.start();
    const kernel = await tcp();
    file(kernel.fields, 'temp/tmpabc.json');
    await expectCell(kernel);
  });

  it('keeps its kernels while no file can be opened, says so once, and finds the rest later', async () => {
    const [first, second] = [await tcp(), await tcp()];
    mkdirSync(join(folder, 'elsewhere'));
    const child = pretend(file(first.fields, 'elsewhere/first.json'));
    await once(child, 'spawn');
    kernels.start();
    const path = file(second.fields, 'elsewhere/second.json');
    await once(pretend(path), 'spawn');
    withoutFiles(() => {
      kernels.scan();
      kernels.scan();
    });
    expect(told).toEqual([expect.stringMatching(/EMFILE.*not metered.*ulimit -n/)]);
    expect(kernels.all.map(({ tree }) => tree?.pid)).toEqual([child.pid]);
    kernels.scan();
    expect(kernels.all.map(({ connection }) => connection.path)).toContain(path);
  });

  it('finds a file anywhere when a process names it', async () => {
    const kernel = await tcp();
    mkdirSync(join(folder, 'elsewhere'));
    const path = file(kernel.fields, 'elsewhere/connection.json');
    const child = pretend(path);
    await once(child, 'spawn');
    kernels.start();
    await expectCell(kernel);
    expect(kernels.all[0]?.describe()).toMatchObject({
      pid: child.pid,
      notebook: '/home/me/n.ipynb',
      remote: false
    });
  });

  it.each(['/home/me/console-1', 'n.ipynb', ''])(
    'takes the session name %j for no notebook',
    async session => {
      const kernel = await tcp();
      mkdirSync(join(folder, 'runtime'));
      const path = file(kernel.fields);
      const child = pretend(path, join(folder, 'runtime'), session);
      await once(child, 'spawn');
      kernels.start();
      expect(kernels.all[0]?.describe()).toMatchObject({ pid: child.pid, notebook: null });
    }
  );

  it('tells when the connection to a kernel breaks', async () => {
    kernels.start();
    const kernel = await tcp();
    file(kernel.fields);
    await kernel.heard();
    const broken = once(events, 'broken');
    kernel.socket.close();
    expect(await broken).toEqual([kernels.all[0]]);
  });

  it("leaves the kernels of another daemon's runtime folder alone", async () => {
    const kernel = await tcp();
    const child = pretend(file(kernel.fields, 'temp/tmp1.json'), join(folder, 'other'));
    await once(child, 'spawn');
    kernels.start();
    expect(kernels.all).toEqual([]);
  });

  it('ignores and counts wrong signatures and malformed messages', async () => {
    kernels.start();
    const kernel = await tcp();
    file(kernel.fields);
    await kernel.heard();
    await kernel.say('status', { execution_state: 'busy' }, { key: 'forged' });
    await kernel.socket.send(['topic', 'no delimiter']);
    await kernel.socket.send(['topic', '<IDS|MSG>', 'short']);
    const closed = once(events, 'closed');
    await kernel.run('cell', '1', 1);
    await closed;
    expect(counts).toEqual({ bad_signatures: 1, malformed_messages: 2, unknown_messages: 0 });
    expect(windows).toHaveLength(3);
  });

  it('keeps the reason why a connection file was refused', async () => {
    kernels.start();
    const path = file('{"iopub_port": ');
    kernels.scan();
    expect(kernels.rejected.get(path)).toMatch(/expected JSON/);
    const kernel = await tcp();
    file(kernel.fields);
    await expectCell(kernel);
    expect(kernels.rejected.size).toBe(0);
  });

  it('tells once why a file is refused, and forgets it when it has gone', () => {
    kernels.start();
    const path = file('{"iopub_port": ');
    kernels.scan();
    kernels.scan();
    expect(told).toEqual([expect.stringContaining(`refused ${path}: expected JSON`)]);
    rmSync(path);
    kernels.scan();
    expect(kernels.rejected.size).toBe(0);
  });

  it('survives an address that no socket takes, and hears the kernel once that is right', async () => {
    mkdirSync(join(folder, 'runtime'));
    const kernel = await tcp();
    const path = file({ ...kernel.fields, transport: 'ipc', ip: `/tmp/${'x'.repeat(200)}` });
    kernels.start();
    expect(kernels.rejected.get(path)).toBeDefined();
    expect(kernels.all).toEqual([]);
    file(kernel.fields);
    kernels.scan();
    await expectCell(kernel);
    file({ ...kernel.fields, transport: 'ipc', ip: `/tmp/${'x'.repeat(200)}` });
    kernels.scan();
    expect(kernels.rejected.get(path)).toBeDefined();
    expect(kernels.all).toEqual([]);
  });

  it('goes on when its folder goes while a kernel outside runs', async () => {
    kernels.start();
    const kernel = await tcp();
    const path = file(kernel.fields, 'temp/tmp1.json');
    const child = pretend(path);
    await once(child, 'spawn');
    rmSync(join(folder, 'runtime'), { recursive: true });
    kernels.scan();
    expect(kernels.all[0]?.describe()).toMatchObject({ pid: child.pid });
  });

  it('goes on after a message that could not be handled, and tells of it once', async () => {
    kernels.start();
    const kernel = await tcp();
    file(kernel.fields);
    await kernel.heard();
    events.on('opened', () => {
      throw new Error('the disk is full');
    });
    await kernel.run('cell-1', '1', 1);
    const closed = once(events, 'closed');
    await kernel.say('status', { execution_state: 'busy' }, { parent: 'cell-2' });
    await kernel.say('status', { execution_state: 'idle' }, { parent: 'cell-2' });
    await closed;
    expect(counts.unknown_messages).toBeGreaterThan(0);
    expect(told).toEqual([expect.stringMatching(/kernel-1\.json .*: the disk is full$/)]);
  });

  it("takes no message of a node's kernel that is too large, and hears the next", async () => {
    kernels = listening({ networks: new BlockList() });
    mkdirSync(join(folder, 'runtime'));
    const kernel = await tcp();
    file(kernel.fields);
    kernels.start();
    await kernel.heard();
    const broken = once(events, 'broken');
    await kernel.socket.send(Buffer.alloc(largestMessageBytes + 1));
    await broken;
    // The kernel hears that its listener has gone, then that it is there again.
    await kernel.heard();
    await expectCell(kernel);
    expect(told).toEqual([expect.stringMatching(/kernel-1\.json .* larger than 268435456 bytes/)]);
  });

  it.each([1e300, 1.5])('takes %d for no execution count', async count => {
    kernels.start();
    const kernel = await tcp();
    file(kernel.fields);
    await kernel.heard();
    const announced = once(events, 'announced');
    await kernel.run('cell', '1', count);
    await announced;
    expect(windows.at(-1)?.[1].executionCount).toBeNull();
  });

  /** A kernel whose process has just ended while it ran a cell. */
  async function endedInACell(): Promise<TalkingKernel> {
    const kernel = await tcp();
    mkdirSync(join(folder, 'runtime'));
    const child = pretend(file(kernel.fields));
    await once(child, 'spawn');
    kernels.start();
    await kernel.heard();
    const announced = once(events, 'announced');
    await kernel.say('status', { execution_state: 'busy' });
    await kernel.say('execute_input', { code: '1', execution_count: 1 });
    await announced;
    child.kill('SIGKILL');
    await once(child, 'exit');
    return kernel;
  }

  it('closes a running cell as died when the process ends, at that moment', async () => {
    await endedInACell();
    const closed = once(events, 'closed');
    const beforeNs = monotonicNs();
    kernels.checkAlive();
    const afterNs = monotonicNs();
    await closed;
    const [change, window] = windows.at(-1)!;
    expect([change, window.status]).toEqual(['closed', 'died']);
    expect(window.endNs).toBeGreaterThanOrEqual(beforeNs);
    expect(window.endNs).toBeLessThanOrEqual(afterNs);
  });

  it('hears the last words of a kernel whose process has ended', async () => {
    const kernel = await endedInACell();
    const closed = once(events, 'closed');
    kernels.checkAlive();
    await kernel.say('status', { execution_state: 'idle' });
    await closed;
    expect(windows.at(-1)?.[1].status).toBe('ok');
  });

  it('finds the new process of a restarted kernel with its first cell', async () => {
    const kernel = await tcp();
    mkdirSync(join(folder, 'runtime'));
    const path = file(kernel.fields);
    const first = pretend(path);
    await once(first, 'spawn');
    kernels.start();
    await kernel.heard();
    first.kill('SIGKILL');
    await once(first, 'exit');
    kernels.checkAlive();
    expect(kernels.all[0]?.tree).toBeUndefined();
    const second = pretend(path);
    await once(second, 'spawn');
    const closed = once(events, 'closed');
    await kernel.run('cell', '1', 1);
    await closed;
    expect(kernels.all[0]?.describe()).toMatchObject({ pid: second.pid, remote: false });
  });

  it('closes a running cell as interrupted when the kernel is restarted', async () => {
    kernels.start();
    const kernel = await tcp();
    file(kernel.fields);
    await kernel.heard();
    const closed = once(events, 'closed');
    await kernel.say('status', { execution_state: 'busy' });
    await kernel.say('execute_input', { code: '1', execution_count: 1 });
    await kernel.say('shutdown_reply', { status: 'ok', restart: true });
    await closed;
    expect(windows.at(-1)?.[1].status).toBe('interrupted');
  });

  it('does not listen where a file is left over from a kernel that is gone', () => {
    mkdirSync(join(folder, 'runtime'));
    const path = file({ transport: 'tcp', ip: '127.0.0.1', iopub_port: 1, key: '' });
    const old = Date.now() / 1e3 - 3600;
    utimesSync(path, old, old);
    kernels.start();
    expect(kernels.all).toEqual([]);
  });

  it('calls a kernel remote that talks but runs on no process of this host', async () => {
    kernels.start();
    const kernel = await tcp();
    file(kernel.fields);
    await expectCell(kernel);
    kernels.scan();
    expect(kernels.all[0]?.remote).toBe(true);
  });
});
