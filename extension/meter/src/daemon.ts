import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createApp } from './api/app.ts';
import { EventHub } from './api/event-hub.ts';
import { Leases } from './api/leases.ts';
import type { MeterSource } from './api/meter-source.ts';
import { fleetLabels } from './api/fleet-labels.ts';
import { Metrics } from './api/metrics.ts';
import { Recorder } from './api/recorder.ts';
import { close, listen } from './api/server.ts';
import { makePrivate } from './daemon/private-folder.ts';
import { Lifetime, type LifetimeOptions } from './daemon/lifetime.ts';
import { isLockHeld, takeLock, type Lock } from './daemon/lock.ts';
import { openLog } from './daemon/log.ts';
import { adoptUnfinished } from './daemon/unfinished.ts';
import { MeterError } from './errors.ts';
import { impactOf } from './impact/impact.ts';
import type { Execution } from './execution.ts';
import type { Places } from './paths.ts';
import { defaultSettings, type Settings } from './store/settings.ts';
import { Store } from './store/store.ts';
import { version } from './version.ts';

const flushEveryMs = 5000;
const pruneEveryMs = 3_600_000;

/** A meter that the daemon can start, stop, and give what an earlier daemon left running. */
export interface DaemonMeter extends MeterSource {
  start(): Promise<void>;
  stop(): Promise<void>;
  resume(running: Execution[]): void;
}

/** How a daemon runs. */
export interface DaemonOptions extends LifetimeOptions {
  places: Places;
  /** Leave when the last lease has gone. */
  lease: boolean;
  /** Makes the meter once the settings are known. */
  createMeter: (settings: Settings) => DaemonMeter;
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
  // A socket that the user put elsewhere has only its own mode to guard it.
  if (dirname(places.socket) === places.socketDir) makePrivate(places.socketDir);
  const lock = takeLock(places.lock);
  if (lock === undefined) {
    throw new MeterError('daemon/lock-held', `another meter holds ${places.lock}`);
  }
  try {
    return await startLocked(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked(options: DaemonOptions, lock: Lock): Promise<Daemon> {
  const { places, environment = process.env } = options;
  const log = openLog(places.log);
  // Standard error may be closed: what ends the daemon must not be lost with it.
  const logEnd = (error: Error) => log(`ends: ${error.stack ?? error.message}`);
  process.on('uncaughtExceptionMonitor', logEnd);
  const boot = bootId();
  const store = new Store({
    path: places.history,
    owner: places.lock,
    boot,
    defaults: defaultSettings(environment),
    say: log
  });
  const meter = options.createMeter(store.settings());
  const events = new EventHub();
  const leases = new Leases();
  const metrics = new Metrics(fleetLabels(environment));
  metrics.observe(meter, store);
  const recorder = new Recorder(meter, store, events, metrics);
  const left = adoptUnfinished(store, { lock: places.lock, boot, isAlive: isLockHeld });
  await meter.start();
  meter.resume(left);
  const startedAt = new Date().toISOString();
  const impact = impactOf(() => store.settings().impact, places, environment);
  const context = { meter, store, recorder, events, leases, metrics, impact, version, startedAt };
  const server = await listen(createApp(context, log), places.socket);
  const lifetime = options.lease ? new Lifetime(options) : undefined;
  leases.onChange = count => lifetime?.leases(count);
  const timers = [
    setInterval(() => store.flush(), flushEveryMs),
    setInterval(() => store.prune(), pruneEveryMs)
  ];
  store.prune();
  log(`joulebook ${version} serves ${places.socket}, pid ${process.pid}, ${left.length} to resume`);

  const stop = async () => {
    lifetime?.stop();
    timers.forEach(clearInterval);
    await meter.stop();
    recorder.stop();
    events.end();
    leases.end();
    await close(server);
    rmSync(places.socket, { force: true });
    store.close();
    log('stopped');
    process.off('uncaughtExceptionMonitor', logEnd);
    lock.release();
  };
  return { over: lifetime?.over ?? new Promise<never>(() => {}), stop };
}

/** Names this boot: CLOCK_MONOTONIC means nothing in another. Empty where the system has none. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
