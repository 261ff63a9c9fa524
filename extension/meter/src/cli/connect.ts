import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ApiClient } from '../api/client.ts';
import { MeterError } from '../errors.ts';
import type { CliContext } from './context.ts';

/**
 * A daemon that answers, or undefined when none runs.
 * @throws MeterError `api/too-many-connections` of one that runs and takes no more.
 */
export async function findDaemon(context: CliContext): Promise<ApiClient | undefined> {
  const client = new ApiClient(context.places.socket);
  return client.status().then(
    () => client,
    (error: unknown) => {
      if (error instanceof MeterError && error.code === 'api/too-many-connections') throw error;
      return undefined;
    }
  );
}

/**
 * Gives `work` a daemon, which is started when none runs, and which stays at least as long as `work`
 * takes.
 * @throws MeterError `daemon/not-started`
 */
export async function withDaemon<T>(
  context: CliContext,
  work: (client: ApiClient) => Promise<T>
): Promise<T> {
  const endLease = await holdDaemon(context);
  try {
    return await work(new ApiClient(context.places.socket));
  } finally {
    endLease();
  }
}

/**
 * Starts a daemon when none runs, and keeps it until the returned function is called or this process
 * ends.
 * @throws MeterError `daemon/not-started`
 */
export async function holdDaemon(context: CliContext): Promise<() => void> {
  if ((await findDaemon(context)) === undefined) await startDetached(context);
  return new ApiClient(context.places.socket).lease();
}

/** Starts a daemon that outlives this command while others need it. */
async function startDetached({ self, places, environment }: CliContext): Promise<void> {
  const child = spawn(process.execPath, [...self, 'serve', '--lease'], {
    detached: true,
    cwd: '/',
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const ended = once(child, 'exit').then(() => 'ended' as const);
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<'ready'>(resolve =>
    lines.on('line', line => {
      if (line.startsWith('ready ')) resolve('ready');
    })
  );
  const first = await Promise.race([ended, ready]);
  if (first === 'ended' && child.exitCode !== 0) {
    const message = `the meter did not start (${said.trim() || 'it said nothing'}); see ${places.log}`;
    throw new MeterError('daemon/not-started', message);
  }
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
}
