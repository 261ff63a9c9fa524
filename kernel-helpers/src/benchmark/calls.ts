import { Latencies } from './latencies.ts';

/** Where time comes from: the process's own, or a test's. */
export interface BenchmarkClock {
  /** Seconds since some start; never goes back. */
  now(): number;
  /** Settles when `now()` has reached this time. */
  until(seconds: number): Promise<void>;
}

/** Timers are late by up to a millisecond or so: the last stretch is awaited awake. */
const timerLag = 0.002;

/** The process's monotonic clock. */
export const processClock: BenchmarkClock = {
  /** Seconds since the process began. */
  now: () => performance.now() / 1000,
  /** Waits, at first with a timer and at last awake. */
  async until(seconds) {
    const left = seconds - processClock.now() - timerLag;
    if (left > 0) await new Promise(resolve => setTimeout(resolve, left * 1000));
    while (processClock.now() < seconds) await new Promise(resolve => setImmediate(resolve));
  }
};

/** When calls begin, and how often. */
export interface CallPlan {
  /** Stop after this many seconds. */
  readonly seconds: number;
  /** Stop after this many calls. */
  readonly calls: number;
  /** Calls that arrive each second, whether or not the last has ended; undefined: one after the other. */
  readonly rate?: number;
  /** Seconds between calls that nobody holds up, for one-after-the-other calls; 0: unknown. */
  readonly expectedInterval: number;
}

/** What calls took. */
export interface CallTimes {
  /** Corrected for coordinated omission. */
  readonly latencies: Latencies;
  /** From begin to end of each call, as it happened. */
  readonly services: Latencies;
  /** When each call ended, in seconds since the first began. */
  readonly ends: readonly number[];
}

/** Calls `fn` by the plan. What it returns is released if it is a tensor, outside the time that counts. */
export async function runCalls(
  fn: () => unknown,
  plan: CallPlan,
  clock: BenchmarkClock
): Promise<CallTimes> {
  const latencies = new Latencies();
  const services = new Latencies();
  const ends: number[] = [];
  const begin = clock.now();
  while (ends.length < plan.calls && clock.now() - begin < plan.seconds) {
    // By its plan the call starts now, even if the one before still ran then: the wait is part of its latency.
    const intended = plan.rate === undefined ? clock.now() : begin + ends.length / plan.rate;
    if (plan.rate !== undefined && clock.now() < intended) await clock.until(intended);
    const start = clock.now();
    let result = fn();
    if (result instanceof Promise) result = await result;
    const end = clock.now();
    latencies.record(end - intended, plan.rate === undefined ? plan.expectedInterval : 0);
    services.record(end - start);
    ends.push(end - begin);
    release(result);
  }
  return { latencies, services, ends };
}

function release(result: unknown): void {
  for (const each of Array.isArray(result) ? (result as unknown[]) : [result]) {
    if (typeof each !== 'object' || each === null || !('dispose' in each)) continue;
    if (typeof each.dispose === 'function') (each as { dispose(): void }).dispose();
  }
}
