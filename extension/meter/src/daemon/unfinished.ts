import type { Execution } from '../execution.ts';
import type { Store } from '../store/store.ts';

/** Which daemon and boot is asking. */
export interface Owner {
  /** Its lock file. */
  lock: string;
  /** Id of this boot. */
  boot: string;
  /** Whether the daemon that holds this lock file lives. */
  isAlive: (lock: string) => boolean;
}

/**
 * Goes through the executions that a daemon left running when it died. Those of this boot are
 * returned, for the meter to take up or to close; those of an earlier boot cannot run any more and
 * are closed as `lost` here, with the energy they had. Another living daemon's are left alone.
 */
export function adoptUnfinished(store: Store, { lock, boot, isAlive }: Owner): Execution[] {
  const adopted: Execution[] = [];
  for (const { execution, stamp } of store.unfinished()) {
    if (stamp.owner !== lock && isAlive(stamp.owner)) continue;
    if (stamp.boot === boot) adopted.push(execution);
    else store.record({ ...execution, status: 'lost' });
  }
  return adopted;
}
