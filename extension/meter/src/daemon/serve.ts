import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from '../api/client.ts';
import { startDaemon, type Daemon, type DaemonOptions } from '../daemon.ts';
import { MeterError } from '../errors.ts';

const startTimeoutMs = 10_000;
const retryMs = 100;

/**
 * Runs the daemon in this process until SIGTERM, SIGINT or the end of its last lease. When another
 * one lives it says so and returns at once. Once the socket answers, `ready <socket>` is said.
 * @param say Prints a line on standard output.
 * @throws MeterError `daemon/not-started` when another process holds the lock and never answers.
 */
export async function serve(options: DaemonOptions, say: (line: string) => void): Promise<void> {
  const { socket } = options.places;
  const started = await startOrFind(options);
  if (typeof started === 'number') {
    say(`already running, pid ${started}`);
    say(`ready ${socket}`);
    return;
  }
  const signals = signalled();
  say(`ready ${socket}`);
  await Promise.race([started.over, signals]);
  await started.stop();
}

/** Starts a daemon, or returns the process id of the one that lives. */
async function startOrFind(options: DaemonOptions): Promise<Daemon | number> {
  const client = new ApiClient(options.places.socket);
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    try {
      return await startDaemon(options);
    } catch (error) {
      if (!(error instanceof MeterError) || error.code !== 'daemon/lock-held') throw error;
      const pid = await client.status().then(
        status => status.pid,
        () => undefined
      );
      if (pid !== undefined) return pid;
      if (performance.now() > deadline) {
        const message =
          `${error.message}, but none answers at ${options.places.socket} within ` +
          `${startTimeoutMs / 1000} s: end the process that holds it (fuser ${options.places.lock})`;
        throw new MeterError('daemon/not-started', message, { cause: error });
      }
    }
    await pause(retryMs);
  }
}

/** Settles when the process is asked to end. */
export function signalled(): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.once(signal, () => resolve());
    }
  });
}
