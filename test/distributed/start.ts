import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';

/** A line of JSON that a worker prints. */
export type Message = Record<string, unknown>;

/** The longest that a test waits for a word of a worker, or its end; a busy machine is slow, a broken group says nothing at all. */
const patienceMs = 60_000;

/** Lines of its log that a worker's failure shows. */
const keptLines = 20;

/** All workers that still run. A stopped or forgotten one would hold the test's output open, and the whole run would never end. */
const running = new Set<ChildProcess>();

/** Ends all workers, whatever state they are in. */
function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
afterEach(endAll);
after(endAll);
process.on('exit', endAll);

/** One worker process of a test. */
export interface TestWorker {
  readonly child: ChildProcess;
  /** What it printed as JSON so far. */
  readonly said: Message[];
  /** Waits for the first line that has this key. */
  readonly hears: (key: string) => Promise<Message>;
  /** Waits for the first line of which this is true. */
  readonly until: (isIt: (message: Message) => boolean) => Promise<Message>;
  /** Waits for its end; gives all it said. */
  readonly ends: () => Promise<Message[]>;
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    })
  );
  const ports = servers.map(server => (server.address() as { port: number }).port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

/** The variable by which a cluster's launcher tells a worker who it is. */
export function tfConfig(ports: readonly number[], index: number): string {
  const worker = ports.map(port => `127.0.0.1:${port}`);
  return JSON.stringify({ cluster: { worker }, task: { type: 'worker', index } });
}

/** What runs a file of this folder: this Node, or the environment's Python with what TensorFlow needs beside its library. */
function commandOf(script: string): { command: string; args: string[]; env: NodeJS.ProcessEnv } {
  const file = fileURLToPath(new URL(script, import.meta.url));
  if (!script.endsWith('.py')) {
    const args = ['--disable-warning=ExperimentalWarning', file];
    return { command: process.execPath, args, env: {} };
  }
  const { JOULEBOOK_TENSORFLOW: environment, JOULEBOOK_TENSORFLOW_PYTHON: packages } = process.env;
  if (!environment || !packages) {
    throw new Error(
      'run by hand? `npm test -- distributed` sets JOULEBOOK_TENSORFLOW and JOULEBOOK_TENSORFLOW_PYTHON'
    );
  }
  return { command: join(environment, 'bin/python'), args: [file], env: { PYTHONPATH: packages } };
}

/** Starts one worker: `script` is a file of this folder. */
export function startWorker(
  script: string,
  { ports, index, env = {} }: { ports: readonly number[]; index: number; env?: NodeJS.ProcessEnv }
): TestWorker {
  const { command, args, env: needed } = commandOf(script);
  const child = spawn(command, args, {
    env: { ...process.env, ...needed, TF_CONFIG: tfConfig(ports, index), ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const said: Message[] = [];
  const logged: string[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => waiting.forEach(check => check());
  createInterface({ input: child.stdout }).on('line', line => {
    if (line.startsWith('{')) said.push(JSON.parse(line) as Message);
    wake();
  });
  createInterface({ input: child.stderr }).on('line', line => {
    logged.push(line);
    if (logged.length > keptLines) logged.shift();
  });
  let isOver = false;
  void once(child, 'close').then(() => {
    isOver = true;
    wake();
  });
  const broken = (how: string): Error =>
    new Error(
      `worker ${index} ${how}; it said ${JSON.stringify(said).slice(-2000)} and logged\n${logged.join('\n')}`
    );
  /** Waits until something is found; gives up at the end of the worker, or of patience. */
  const find = <T>(what: string, look: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        clearTimeout(timer);
        waiting.delete(check);
        act();
      };
      const check = (): void => {
        const found = look();
        if (found !== undefined) end(() => resolve(found));
        else if (isOver) end(() => reject(broken(`ended without ${what}`)));
      };
      const giveUp = (): void =>
        reject(broken(`took more than ${patienceMs / 1000} s for ${what}`));
      const timer = setTimeout(() => end(giveUp), patienceMs);
      waiting.add(check);
      check();
    });
  const until = (isIt: (message: Message) => boolean): Promise<Message> =>
    find('what was awaited', () => said.find(isIt));
  const hears = (key: string): Promise<Message> =>
    find(`"${key}"`, () => said.find(message => key in message));
  const ends = (): Promise<Message[]> => find('its end', () => (isOver ? said : undefined));
  return { child, said, hears, until, ends };
}

/** Starts all workers of a cluster on ports of their own. */
export async function startCluster(
  script: string,
  size: number,
  env: (index: number) => NodeJS.ProcessEnv = () => ({})
): Promise<{ workers: TestWorker[]; ports: number[] }> {
  const ports = await freePorts(size);
  const workers = ports.map((_, index) => startWorker(script, { ports, index, env: env(index) }));
  return { workers, ports };
}
