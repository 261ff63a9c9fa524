import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs';
import { BlockList, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../api/client.ts';
import { SmallMeter } from '../api/fixtures/small-meter.ts';
import { bundlePrograms } from '../cli/fixtures/bundle.ts';
import type { Daemon } from '../daemon.ts';
import type { Execution } from '../execution.ts';
import { readConnectionFile } from '../kernels/connection-file.ts';
import { type Places, placesOf } from '../paths.ts';
import { execution } from '../store/fixtures/executions.ts';
import { peerUser } from './peer.ts';
import { startSystem, type SystemOptions } from './system.ts';
import { mostConnections } from './tenants.ts';

const self = process.getuid?.() ?? 0;
const asNobody = self === 0 && existsSync('/usr/bin/setpriv');
const nobody = 65_534;
const quiet = '--disable-warning=ExperimentalWarning';
const { main } = bundlePrograms('system');

let folder: string;
let daemon: Daemon | undefined;
let meters: Map<number, SmallMeter>;
let places: Map<number, Places>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-system-'));
  meters = new Map();
  places = new Map();
});
afterEach(async () => {
  await daemon?.stop();
  daemon = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const socketPath = (): string => join(folder, 'run', 'meter.sock');

/** Starts a daemon whose meters are in memory. */
async function start(changes: Partial<SystemOptions> = {}): Promise<ApiClient> {
  daemon = await startSystem({
    socket: socketPath(),
    state: join(folder, 'state'),
    homeOf: user => Promise.resolve(join(folder, 'home', String(user))),
    createMeter: of => () => {
      const meter = new SmallMeter();
      meters.set(of.user, meter);
      places.set(of.user, of);
      return meter;
    },
    networks: new BlockList(),
    environment: {},
    ...changes
  });
  return new ApiClient(socketPath());
}

/** Makes connections those of one user after another, as if each came from a process of theirs. */
function actors(): { peerOf: (connection: Socket) => number; be: (user: number) => void } {
  let user = self;
  return { peerOf: () => user, be: next => (user = next) };
}

const history = async (client: ApiClient): Promise<string[]> => {
  const { executions } = await client.get<{ executions: Execution[] }>('/v1/executions');
  return executions.map(({ id }) => id);
};

describe('the daemon of a whole node', () => {
  it('serves each user only what is theirs, in folders that only it may enter', async () => {
    const { peerOf, be } = actors();
    const client = await start({ peerOf });
    be(1001);
    await client.status();
    be(1002);
    await client.status();
    meters.get(1001)!.emit('finished', execution(1));
    meters.get(1002)!.emit('finished', execution(2));
    expect(await history(client)).toEqual([execution(2).id]);
    await expect(client.get(`/v1/executions/${execution(1).id}`)).rejects.toMatchObject({
      code: 'api/not-found'
    });
    be(1001);
    expect(await history(client)).toEqual([execution(1).id]);
    expect(await client.get('/metrics').catch(String)).not.toContain(execution(2).notebook);
    const state = join(folder, 'state');
    for (const name of ['', '1001', '1002']) {
      expect(statSync(join(state, name)).mode & 0o777).toBe(0o700);
    }
    expect(readdirSync(state)).toEqual(expect.arrayContaining(['1001', '1002', 'meter.log']));
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });

  it('has doctor say whose what it advises is to do', async () => {
    const denied = { ...new SmallMeter().status().sensors[0]!, remedy: 'sudo chmod' };
    await start({
      createMeter: () => () => {
        const meter = new SmallMeter();
        return Object.assign(meter, {
          status: () => ({ ...SmallMeter.prototype.status.call(meter), sensors: [denied] })
        });
      }
    });
    const environment = { HOME: folder, JOULEBOOK_SOCKET: socketPath() };
    const child = spawn(process.execPath, [quiet, main, 'doctor'], { env: environment });
    let said = '';
    for await (const text of child.stdout) said += String(text);
    expect(said).toMatch(/to measure more is for its administrator:\n +sudo chmod/);
    expect(said).not.toContain(placesOf(environment).log);
  });

  it('says in its log whose kernels it does not meter', async () => {
    const client = await start();
    await client.status();
    meters.get(self)!.emit('trouble', 'refused kernel-1.json');
    expect(logged(new RegExp(`user ${self}: refused kernel-1\\.json$`, 'm'))).toBe(true);
  });

  it("looks for a user's kernels in the user's folder, wherever the node keeps it", async () => {
    const { peerOf, be } = actors();
    const client = await start({ peerOf, runtimeDir: '/run/user/{user}/jupyter' });
    be(1001);
    await client.status();
    expect(places.get(1001)).toMatchObject({
      runtimeDir: '/run/user/1001/jupyter',
      user: 1001,
      system: {}
    });
  });

  it('asks the kernel who is there', async () => {
    const client = await start();
    expect(await client.status()).toMatchObject({ serves: 'system' });
    expect([...meters.keys()]).toEqual([self]);
    // Only root can act as another user and try.
    if (!asNobody) return;
    meters.get(self)!.emit('finished', execution(1));
    chmodSync(folder, 0o755);
    expect(await askAs(nobody, '/v1/executions')).toEqual({ executions: [] });
    expect([...meters.keys()]).toEqual([self, nobody]);
    expect(await history(client)).toEqual([execution(1).id]);
  });

  it('lets a user go who needs it no more, and takes up the history when they are back', async () => {
    const client = await start({ graceMs: 50 });
    const end = await client.lease();
    const [first] = meters.values();
    first!.emit('finished', execution(1));
    end();
    while (!logged(/has left/)) await new Promise(setImmediate);
    expect(first!.stopped).toBe(true);
    expect(await history(client)).toEqual([execution(1).id]);
    expect(meters.get(self)).not.toBe(first);
  });

  it('closes the connection of a user it cannot serve, says why, and serves the others', async () => {
    const { peerOf, be } = actors();
    const homeOf = (user: number): Promise<string> =>
      user === 1002
        ? Promise.reject(new Error('user 1002 has no home folder'))
        : Promise.resolve(folder);
    const client = await start({ peerOf, homeOf });
    be(1002);
    await expect(client.status()).rejects.toMatchObject({ code: 'daemon/not-running' });
    expect(logged(/user 1002 is not served: user 1002 has no home folder/)).toBe(true);
    be(1001);
    expect((await client.status()).pid).toBe(process.pid);
  });

  it('lets nobody use up its connections, and tells who asks for one more', async () => {
    const { peerOf, be } = actors();
    const client = await start({ peerOf });
    be(1001);
    const connections = (count: number) =>
      Array.from({ length: count }, () => connect(socketPath()).resume());
    const open = connections(mostConnections);
    await Promise.all(open.map(socket => once(socket, 'connect')));
    for (let n = 0; n < 40; n++) {
      await expect(client.status()).rejects.toMatchObject({
        code: 'api/too-many-connections',
        message: expect.stringContaining(`at most ${mostConnections} connections`) as string
      });
    }
    // Who asks for nothing is not waited for.
    await Promise.all(connections(40).map(socket => once(socket, 'close')));
    expect(open.filter(({ closed }) => closed)).toEqual([]);
    be(1002);
    expect((await client.status()).pid).toBe(process.pid);
    for (const socket of open) socket.destroy();
  });

  it('closes connections whose request does not come to its end, and no others', async () => {
    const at = { requestTimeout: 200, headersTimeout: 200, connectionsCheckingInterval: 20 };
    const client = await start({ timeouts: at });
    const end = await client.lease();
    const head = 'POST /v1/labels HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n';
    const slow = ['', 'GET /v1/sta', head, `${head}\r\n{`].map(text => {
      const socket = connect(socketPath());
      socket.write(text);
      return socket.resume();
    });
    const events = connect(socketPath());
    events.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(events, 'data');
    await Promise.all(slow.map(socket => once(socket, 'close')));
    expect(events.resume().closed).toBe(false);
    events.destroy();
    end();
  });

  it('ends event streams when it stops, also that of a client that does not read', async () => {
    await start();
    const listens = connect(socketPath());
    listens.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(listens, 'data');
    for (let n = 0; n < 3000; n++) meters.get(self)!.emit('finished', execution(n));
    const stalls = connect(socketPath());
    stalls.write('GET /v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 0\r\n\r\n');
    await once(stalls, 'readable');
    stalls.pause();
    // It waits for every connection to be closed.
    await daemon?.stop();
    daemon = undefined;
    listens.destroy();
    stalls.destroy();
    expect(logged(/has left/)).toBe(true);
    expect(logged(/database|not open/)).toBe(false);
  });

  it('is one at a time', async () => {
    await start();
    const second = startSystem({ socket: socketPath(), state: join(folder, 'state') } as never);
    await expect(second).rejects.toMatchObject({ code: 'daemon/lock-held' });
  });
});

describe('what the daemon of a node reads for a user', () => {
  const networks = new BlockList();
  networks.addSubnet('10.42.0.0', 16);
  const node = { user: self, system: { networks } };
  const file = (fields: object): string => {
    const path = join(folder, 'kernel-1.json');
    writeFileSync(path, JSON.stringify({ ip: '127.0.0.1', iopub_port: 5555, ...fields }));
    return path;
  };

  it("is no other user's file", () => {
    expect(readConnectionFile(file({}), node)?.iopubPort).toBe(5555);
    expect(readConnectionFile(file({ ip: '10.42.7.9' }), node)).toMatchObject({
      ip: '10.42.7.9',
      near: true
    });
    expect(readConnectionFile(file({}), { ...node, user: self + 1 })).toBeUndefined();
  });

  it.each([
    { transport: 'ipc', ip: '/home/other/kernel' },
    { ip: '192.0.2.1' },
    { ip: '127.evil.example' },
    { ip: 'kernel.example' },
    { ip: 'fe80::1%eth0' }
  ])('is no way to what only the daemon can reach: %j', fields => {
    expect(() => readConnectionFile(file(fields), node)).toThrow(
      /expected a TCP port of this machine/
    );
  });

  it('is no pipe, which would keep it waiting', () => {
    const path = join(folder, 'kernel-2.json');
    spawnSync('mkfifo', [path]);
    expect(readConnectionFile(path, node)).toBeUndefined();
  });
});

describe('the peer of a connection', () => {
  it('is the user whose process connected', async () => {
    const path = join(folder, 'socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const client = connect(path);
    const [connection] = (await once(server, 'connection')) as [Socket];
    expect(peerUser(connection)).toBe(self);
    client.destroy();
    connection.destroy();
    expect(() => peerUser(connection)).toThrow(/whose other end is known/);
    server.close();
  });
});

function logged(what: RegExp): boolean {
  return what.test(readFileSync(join(folder, 'state', 'meter.log'), 'utf8'));
}

/** Asks from a process of another user. */
async function askAs(user: number, path: string): Promise<unknown> {
  const code = `require('node:http').get({ socketPath: ${JSON.stringify(socketPath())}, path: '${path}' },
    answer => answer.pipe(process.stdout))`;
  const privileges = ['--reuid', String(user), '--regid', String(user), '--clear-groups'];
  const child = spawn('setpriv', [...privileges, process.execPath, '-e', code], { cwd: '/' });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return JSON.parse(text);
}
