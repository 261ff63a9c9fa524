import { readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { close, listen } from './api/server.ts';
import { makePrivate } from './daemon/private-folder.ts';
import { Lifetime, type LifetimeOptions } from './daemon/lifetime.ts';
import { takeLock, type Lock } from './daemon/lock.ts';
import { openLog } from './daemon/log.ts';
import { startService, type ServiceOptions } from './daemon/service.ts';
import { MeterError } from './errors.ts';
import type { Places } from './paths.ts';
import { version } from './version.ts';

export type { DaemonMeter } from './daemon/service.ts';

/** How a daemon runs. */
export interface DaemonOptions extends LifetimeOptions, Pick<ServiceOptions, 'createMeter'> {
  places: Places;
  /** Leave when the last lease has gone. */
  lease: boolean;
  environment?: Record<string, string | undefined>;
}

/** A daemon that serves. */
export interface Daemon {
  /** Settles when nobody needs the daemon any more; never without `lease`. */
  over: Promise<void>;
  /** Closes all; executions that run stay `running` in the history, for the next daemon. */
  stop(): Promise<void>;
}

/**
 * Starts the user's daemon: lock, history, meter, socket, in this order.
 * @throws MeterError `daemon/lock-held` when another one lives, `path/unsafe-folder`.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { places } = options;
  makePrivate(places.privateDir);
  return withLock(places, lock => {
    // A socket that the user put elsewhere has only its own mode to guard it.
    if (dirname(places.socket) === places.socketDir) makePrivate(places.socketDir);
    return startLocked(options, lock);
  });
}

/**
 * Does what only one daemon may do at a time.
 * @param work Keeps the lock when it succeeds, and releases it at its end.
 * @throws MeterError `daemon/lock-held` when another one lives.
 */
export async function withLock<T>(
  { lock: path }: Pick<Places, 'lock'>,
  work: (lock: Lock) => Promise<T>
): Promise<T> {
  const lock = takeLock(path);
  if (lock === undefined) {
    throw new MeterError('daemon/lock-held', `another meter holds ${path}`);
  }
  try {
    return await work(lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked(options: DaemonOptions, lock: Lock): Promise<Daemon> {
  const { places, createMeter, environment = process.env } = options;
  const log = openLog(places.log);
  // Standard error may be closed: what ends the daemon must not be lost with it.
  const logEnd = (error: Error) => log(`ends: ${error.stack ?? error.message}`);
  process.on('uncaughtExceptionMonitor', logEnd);
  const service = await startService({ places, createMeter, environment, boot: bootId(), log });
  const { leases, resumed } = service;
  const server = await listen(service.app, places.socket);
  const lifetime = options.lease ? new Lifetime(options) : undefined;
  leases.onChange = count => lifetime?.leases(count);
  log(`joulebook ${version} serves ${places.socket}, pid ${process.pid}, ${resumed} to resume`);

  const stop = async () => {
    lifetime?.stop();
    await service.quiet();
    await close(server);
    rmSync(places.socket, { force: true });
    removeEmpty(places);
    service.close();
    log('stopped');
    process.off('uncaughtExceptionMonitor', logEnd);
    lock.release();
  };
  return { over: lifetime?.over ?? new Promise<never>(() => {}), stop };
}

/** A socket whose path would be too long has a folder of its own, which goes with it. */
function removeEmpty({ socketDir, privateDir }: Places): void {
  if (socketDir === privateDir) return;
  try {
    rmdirSync(socketDir);
  } catch {
    // Not there, for the user put the socket elsewhere; or somebody keeps something in it.
  }
}

/** Names this boot. Empty where the system has none. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
