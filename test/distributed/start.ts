import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A line of JSON that a worker prints. */
export type Message = Record<string, unknown>;

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
  readonly ended: Promise<Message[]>;
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

/** Starts one worker: `script` is a file of this folder. */
export function startWorker(
  script: string,
  { ports, index, env = {} }: { ports: readonly number[]; index: number; env?: NodeJS.ProcessEnv }
): TestWorker {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
    env: { ...process.env, TF_CONFIG: tfConfig(ports, index), ...env },
    stdio: ['ignore', 'pipe', 'ignore']
  });
  const said: Message[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => waiting.forEach(check => check());
  createInterface({ input: child.stdout }).on('line', line => {
    if (line.startsWith('{')) said.push(JSON.parse(line) as Message);
    wake();
  });
  let isOver = false;
  const ended = once(child, 'close').then(() => {
    isOver = true;
    wake();
    return said;
  });
  const until = (isIt: (message: Message) => boolean): Promise<Message> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = said.find(isIt);
        if (!found && !isOver) return;
        waiting.delete(check);
        if (found) resolve(found);
        else
          reject(new Error(`worker ${index} ended; it said ${JSON.stringify(said).slice(-2000)}`));
      };
      waiting.add(check);
      check();
    });
  const hears = (key: string): Promise<Message> => until(message => key in message);
  return { child, said, hears, until, ended };
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
