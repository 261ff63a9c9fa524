import { createApp } from '../api/app.ts';
import type { ApiContext } from '../api/context.ts';
import { EventHub } from '../api/event-hub.ts';
import { fleetLabels } from '../api/fleet-labels.ts';
import { Leases } from '../api/leases.ts';
import type { MeterSource } from '../api/meter-source.ts';
import { Metrics } from '../api/metrics.ts';
import { Recorder } from '../api/recorder.ts';
import type { RequestListener } from '../api/router.ts';
import type { Execution } from '../execution.ts';
import { impactOf } from '../impact/impact.ts';
import type { Places } from '../paths.ts';
import { defaultSettings, type Settings } from '../store/settings.ts';
import { Store } from '../store/store.ts';
import { version } from '../version.ts';
import { isLockHeld } from './lock.ts';
import { adoptUnfinished } from './unfinished.ts';

const flushEveryMs = 5000;
const pruneEveryMs = 3_600_000;

/** A meter that a daemon can start, stop, and give what an earlier daemon left running. */
export interface DaemonMeter extends MeterSource {
  start(): Promise<void>;
  stop(): Promise<void>;
  resume(running: Execution[]): void;
}

/** What a service is made of. */
export interface ServiceOptions {
  places: Places;
  /** Makes the meter once the settings are known. */
  createMeter: (settings: Settings) => DaemonMeter;
  environment: Record<string, string | undefined>;
  /** Names this boot: CLOCK_MONOTONIC means nothing in another. */
  boot: string;
  log: (message: string) => void;
}

/** What serves one user: history, meter and interface, without the socket. */
export interface Service {
  app: RequestListener;
  leases: Leases;
  /** Executions of an earlier daemon that go on. */
  resumed: number;
  /** Stops metering and ends what waits for an answer; executions that run stay `running` in the history. */
  quiet(): Promise<void>;
  /** Closes the history, once nobody asks any more. */
  close(): void;
}

/** Starts what serves one user; the daemon's lock is held. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { places, environment, boot, log } = options;
  const store = new Store({
    path: places.history,
    owner: places.lock,
    boot,
    defaults: defaultSettings(environment),
    say: log
  });
  const meter = options.createMeter(store.settings());
  meter.on('trouble', log);
  const events = new EventHub();
  const leases = new Leases();
  const metrics = new Metrics(fleetLabels(environment));
  metrics.observe(meter, store);
  const impact = impactOf(() => store.settings().impact, places, environment);
  const recorder = new Recorder(meter, store, events, metrics, () => impact.record());
  const left = adoptUnfinished(store, { lock: places.lock, boot, isAlive: isLockHeld });
  await meter.start();
  meter.resume(left);
  const startedAt = new Date().toISOString();
  const serves: ApiContext['serves'] = places.system === undefined ? 'user' : 'system';
  const parts = { meter, store, recorder, events, leases, metrics, impact };
  const context: ApiContext = { ...parts, version, serves, startedAt };
  const timers = [
    setInterval(() => store.flush(), flushEveryMs),
    setInterval(() => store.prune(), pruneEveryMs)
  ];
  store.prune();
  return {
    app: createApp(context, log),
    leases,
    resumed: left.length,
    quiet: async () => {
      timers.forEach(clearInterval);
      await meter.stop();
      recorder.stop();
      events.end();
      leases.end();
    },
    close: () => store.close()
  };
}
