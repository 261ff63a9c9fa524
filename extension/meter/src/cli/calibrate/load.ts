import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';

/** How busy the machine is kept. */
export interface LoadStep {
  threads: number;
  /** Share of the time that each thread computes, 0 to 1. */
  duty: number;
}

/** One turn of computing and pausing, in ms. */
const turnMs = 20;

// Square roots keep a core as busy as most numeric code does.
const worker = `
  const { workerData: { duty, turnMs } } = require('node:worker_threads');
  const never = new Int32Array(new SharedArrayBuffer(4));
  let x = 1;
  for (;;) {
    const end = performance.now() + duty * turnMs;
    while (performance.now() < end) for (let i = 0; i < 1000; i++) x = Math.sqrt(x + i);
    if (duty < 1) Atomics.wait(never, 0, 0, (1 - duty) * turnMs);
  }`;

/**
 * The steps of a calibration: idle, all threads part of the time, and some threads all of the time,
 * as a cell that runs on one thread does.
 * @param threads Hardware threads of the machine.
 */
export function loadSteps(threads: number): LoadStep[] {
  const partly = [0.25, 0.5, 0.75, 1].map(duty => ({ threads, duty }));
  const some = [1 / 8, 1 / 4, 1 / 2].map(share => Math.max(1, Math.round(threads * share)));
  const fully = [...new Set(some)].filter(n => n < threads).map(n => ({ threads: n, duty: 1 }));
  return [{ threads: 0, duty: 0 }, ...partly, ...fully];
}

/** Loads the machine while `work` runs. */
export async function underLoad<T>(
  { threads, duty }: LoadStep,
  work: () => Promise<T>
): Promise<T> {
  const workers = Array.from(
    { length: threads },
    () => new Worker(worker, { eval: true, workerData: { duty, turnMs } })
  );
  try {
    return await work();
  } finally {
    await Promise.all(workers.map(each => each.terminate()));
  }
}

/** Measures the machine's utilisation, 0 to 1, while `work` runs: ours and everything else's. */
export async function withUtilisation<T>(work: () => Promise<T>): Promise<[T, number]> {
  const before = cpuTimes();
  const result = await work();
  const after = cpuTimes();
  const all = after.all - before.all;
  return [result, all > 0 ? Math.min(1, (after.busy - before.busy) / all) : 0];
}

function cpuTimes(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const { user, nice, sys, idle, irq } = times;
    busy += user + nice + sys + irq;
    all += user + nice + sys + irq + idle;
  }
  return { busy, all };
}
