import type { DaemonMeter } from '../daemon.ts';
import { Meter } from '../meter.ts';
import type { Places } from '../paths.ts';
import type { Settings } from '../store/settings.ts';

/** Makes the real meter of this machine, for `startDaemon`. */
export function createMeter(places: Places): (settings: Settings) => DaemonMeter {
  return ({ policy }) => new Meter({ places, policy });
}
