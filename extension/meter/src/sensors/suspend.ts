import { uptime } from 'node:os';

import { monotonicNs } from '../clock.ts';

/** Why no step is believed over which the machine slept. */
export const SUSPENDED = 'the machine was suspended';

/** The system's clocks, in ms. */
export interface Clocks {
  /** Stands still while the machine sleeps. */
  monotonicMs: () => number;
  /** Goes on, and is set by people and NTP; cheap to read. */
  wallMs: () => number;
  /** Since boot, sleep included; /proc/uptime, in steps of 10 ms. */
  bootMs: () => number;
}

const systemClocks: Clocks = {
  monotonicMs: () => monotonicNs() / 1e6,
  wallMs: () => Date.now(),
  bootMs: () => uptime() * 1e3
};

/** No machine sleeps for less, and the clocks' grain is finer. */
const shortestMs = 50;

/**
 * Notices that the machine slept. Counters may start again meanwhile, or go on and show energy of a
 * time that no clock of the meter has; neither can be told from the reading that follows.
 */
export class SuspendWatch {
  readonly #clocks: Clocks;
  #wallMs: number;
  #asleepMs: number;

  constructor(clocks = systemClocks) {
    this.#clocks = clocks;
    this.#wallMs = clocks.wallMs() - clocks.monotonicMs();
    this.#asleepMs = clocks.bootMs() - clocks.monotonicMs();
  }

  /** Whether the machine has slept since the last call; some hundred ns while it has not. */
  hasSlept(): boolean {
    const { monotonicMs, wallMs, bootMs } = this.#clocks;
    const before = monotonicMs();
    const offsetMs = wallMs() - before;
    const jumpMs = offsetMs - this.#wallMs;
    this.#wallMs = offsetMs;
    // The wall clock goes on in sleep; a jump alone may be somebody who sets it.
    if (Math.abs(jumpMs) < shortestMs) return false;
    const bootAtMs = bootMs();
    // The least and the most: this thread may be kept waiting between two looks at clocks.
    const [least, most] = [bootAtMs - monotonicMs(), bootAtMs - before];
    const hasSlept = least - this.#asleepMs > shortestMs;
    if (hasSlept) this.#asleepMs = most;
    return hasSlept;
  }
}
