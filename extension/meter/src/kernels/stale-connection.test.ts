import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Publisher } from 'zeromq';

import { WallClock } from '../wall-clock.ts';
import { Kernels } from './kernels.ts';
import { Subscription } from './subscription.ts';

/** Longer than a server that hangs up is tried without a pause, in ms. */
const patienceMs = 20_000;

let server: Server;
let port: number;

beforeEach(async () => {
  // Sockets and files are real; only the waits between them are not waited for.
  const kept = ['nextTick', 'setImmediate', 'setInterval', 'Date', 'queueMicrotask'] as const;
  jest.useFakeTimers({ doNotFake: [...kept] });
  // Of another protocol: it hangs up on whoever greets it.
  server = createServer(socket => socket.destroy());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  server.close();
  jest.useRealTimers();
});

/** Resolves once something waits for a timer. */
async function waiting(): Promise<void> {
  while (jest.getTimerCount() === 0) {
    if (!server.listening) throw new Error('the test has ended, and nothing waits');
    await setImmediate();
  }
}

/** Lets the next wait pass, and answers how long it was, in ms. */
async function nextWait(): Promise<number> {
  await waiting();
  const before = performance.now();
  jest.advanceTimersToNextTimer();
  return performance.now() - before;
}

describe('a subscription to a port that another server has got', () => {
  let subscription: Subscription;
  let broken: number;
  let heard: EventTarget;

  beforeEach(() => {
    broken = 0;
    heard = new EventTarget();
    subscription = new Subscription(
      {
        ...{ path: '/kernel-1.json', kernelId: '1', kernelName: 'python3', notebook: null },
        ...{ transport: 'tcp', ip: '127.0.0.1', key: '', hash: 'sha256', near: true },
        iopubPort: port
      },
      {
        frames: () => heard.dispatchEvent(new Event('frames')),
        broken: () => (broken += 1),
        refused: () => (broken += 1)
      }
    );
  });
  afterEach(() => subscription.close());

  it('tries again at once at first, then more and more seldom, and tells of no lost message', async () => {
    for (let connection = 0; connection < 5; connection++) await once(server, 'connection');
    jest.advanceTimersByTime(patienceMs);
    const waits: number[] = [];
    while (waits.at(-2) !== 30_000) waits.push(await nextWait());
    const doubled = Array.from({ length: 9 }, (_, n) => 100 * 2 ** n);
    expect(waits.slice(-11)).toEqual([...doubled, 30_000, 30_000]);
    expect(broken).toBe(0);
  });

  it('tries at once when it is told to, and hears the kernel that is there then', async () => {
    await once(server, 'connection');
    jest.advanceTimersByTime(patienceMs);
    while ((await nextWait()) < 30_000);
    await waiting();
    const tried = once(server, 'connection');
    subscription.retry();
    await tried;
    await once(server, 'connection');
    const closed = once(server, 'close');
    server.close();
    await closed;
    const kernel = new Publisher({ linger: 0 });
    await kernel.bind(`tcp://127.0.0.1:${port}`);
    const isHeard = once(heard, 'frames');
    const talking = setInterval(() => void kernel.send('hello'), 1);
    await isHeard;
    clearInterval(talking);
    kernel.close();
  });
});

describe('a connection file whose port another server has got', () => {
  let folder: string;
  let path: string;
  let kernels: Kernels;
  const fields = () => ({ transport: 'tcp', ip: '127.0.0.1', iopub_port: port, key: '' });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stale-connection-'));
    const places = { runtimeDir: join(folder, 'runtime'), tempDir: join(folder, 'temp') };
    mkdirSync(places.runtimeDir);
    path = join(places.runtimeDir, 'kernel-1.json');
    writeFileSync(path, JSON.stringify(fields()));
    const counts = { bad_signatures: 0, malformed_messages: 0, unknown_messages: 0 };
    const ignore = () => {};
    const told = { window: ignore, broken: ignore, changed: ignore, trouble: ignore };
    kernels = new Kernels(
      { ...places, user: process.getuid?.() ?? 0, system: undefined },
      { clock: new WallClock(), counts, events: { edge: ignore, ...told } }
    );
    kernels.start();
    kernels.scan();
  });
  afterEach(async () => {
    await kernels.stop();
    rmSync(folder, { recursive: true });
  });

  it('gives its kernel no process, which would be the other server', () => {
    jest.advanceTimersByTime(patienceMs);
    kernels.scan();
    expect(kernels.all[0]?.describe()).toMatchObject({ pid: null, state: 'unknown' });
  });

  it.each([
    [
      'the file is written anew',
      () => {
        writeFileSync(path, JSON.stringify({ ...fields(), kernel_name: 'python3' }));
        kernels.scan();
      }
    ],
    ['a process of the kernel comes', () => kernels.all[0]?.attach(process.ppid)]
  ])('is tried at once when %s', async (_, happens) => {
    await once(server, 'connection');
    jest.advanceTimersByTime(patienceMs);
    while ((await nextWait()) < 1_000);
    await waiting();
    const tried = once(server, 'connection');
    happens();
    await tried;
  });
});
