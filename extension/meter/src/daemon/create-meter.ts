import type { DaemonMeter } from '../daemon.ts';
import { Meter } from '../meter.ts';
import type { Places } from '../paths.ts';
import { readerEntry } from '../sensors/reader-entry.ts';
import { SharedBank } from '../sensors/shared-bank.ts';
import type { Settings } from '../store/settings.ts';

/** Makes the real meter of this machine, for `startDaemon`. */
export function createMeter(places: Places): (settings: Settings) => DaemonMeter {
  return ({ policy }) => new Meter({ places, policy });
}

/** The real meters of a machine's users, which share its sensors, for `startSystem`. */
export function sharedMeters(places: Places): {
  createMeter: (places: Places) => (settings: Settings) => DaemonMeter;
  stop: () => Promise<void>;
} {
  const bank = new SharedBank({ places, entry: readerEntry() });
  return {
    createMeter:
      own =>
      ({ policy }) =>
        new Meter({ places: own, policy, sensors: bank.join }),
    stop: () => bank.stop()
  };
}
