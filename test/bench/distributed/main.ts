import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { distributed } from 'kernel-helpers';
import type { BenchResult } from '../result.ts';
import { Side, type Work } from './side.ts';

/** How the benchmark of distributed training runs. */
export interface DistributedBenchOptions {
  /** A Python with TensorFlow and Keras; `$JOULEBOOK_BENCH_PYTHON`, else the active virtual environment's. */
  python?: string;
  /** Interleaved rounds of each comparison. */
  rounds?: number;
  /** Groups whose time the model of rings is fitted to. */
  sizes?: readonly number[];
}

const goals = { ratio: 1, model: 0.25 };
const setting = 'Adam, 64 examples on each of 2 workers';
const megabyte = 2 ** 20;

/** Bytes that are all-reduced, with how often a round does it. */
const amounts = [
  [1e3, 40],
  [1e5, 20],
  [1e6, 10],
  [1e7, 3],
  [1e8, 1]
] as const;

/**
 * Times all-reduce and training steps of two local workers, ours and those of Python's MultiWorkerMirroredStrategy by turns, and compares
 * rings of two to eight workers with the model of them.
 * @param options Which Python, how much.
 * @returns One row a comparison.
 */
export async function distributedBench(
  options: DistributedBenchOptions = {}
): Promise<BenchResult[]> {
  const { rounds = 7, sizes = [2, 3, 4, 6, 8] } = options;
  return [...(await againstPython(pythonOf(options), rounds)), ...(await rings(sizes, rounds))];
}

async function againstPython(python: string, rounds: number): Promise<BenchResult[]> {
  const [ours, theirs] = await Promise.all([Side.start(2), Side.start(2, python)]);
  try {
    const results: BenchResult[] = [];
    for (const [bytes, times] of amounts) {
      const work = { count: bytes / 4, times };
      const check = (values: readonly number[]): void => expectAll(values, 3);
      const rows = await interleave([ours, work], [theirs, work], rounds, check);
      results.push(row(`all-reduce of ${bytes / 1000} kB, 2 workers`, rows, times));
    }
    const steps = 20;
    const check = (values: readonly number[]): void => expectAll(values, values[0]!);
    const task = { steps, warmUp: 400, hidden: [300, 100], bucketBytes: megabyte };
    const rows = await interleave([ours, task], [theirs, task], rounds, check);
    results.push(row(`training step, MLP 784-300-100-10, ${setting}`, rows, steps));
    const wide = { steps, warmUp: 120, hidden: [1024, 1024] };
    const overlap = await interleave(
      [ours, { ...wide, bucketBytes: megabyte }],
      [ours, { ...wide, bucketBytes: null }],
      rounds,
      check
    );
    const name = `the same, MLP 784-1024-1024-10, gradients in buckets of 1 MiB beside all at the end`;
    return [...results, row(name, overlap, steps)];
  } finally {
    ours.close();
    theirs.close();
  }
}

interface Rounds {
  readonly ours: number[];
  readonly other: number[];
}

/** The sides take turns, so that what else the machine does meets both; the first round of each warms up. */
async function interleave(
  ours: readonly [Side, Work],
  theirs: readonly [Side, Work],
  rounds: number,
  check: (values: readonly number[]) => void
): Promise<Rounds> {
  const times: Rounds = { ours: [], other: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const [[side, work], list] of [
      [ours, times.ours],
      [theirs, times.other]
    ] as const) {
      const { ms, values } = await side.run(work);
      check(values);
      if (round > 0) list.push(ms);
    }
  }
  return times;
}

/** Rings of several sizes on this machine, whose processors and memory all workers share, and the model fitted to them. */
async function rings(sizes: readonly number[], rounds: number): Promise<BenchResult[]> {
  const measured: distributed.TimedAllReduce[] = [];
  for (const workers of sizes) {
    const side = await Side.start(workers);
    try {
      for (const [bytes, times] of [amounts[1], amounts[2], amounts[3]]) {
        const work = { count: bytes / 4, times };
        await side.run(work);
        const runs: number[] = [];
        for (let round = 0; round < rounds; round++) {
          const { ms, values } = await side.run(work);
          expectAll(values, (workers * (workers + 1)) / 2);
          runs.push(ms / times / 1000);
        }
        measured.push({ workers, bytes, seconds: median(runs) });
      }
    } finally {
      side.close();
    }
  }
  const link = distributed.fitLink(measured, { shared: true });
  return measured.map(({ workers, bytes, seconds }) => {
    const modelled = distributed.ringSeconds(workers, bytes, link);
    return {
      name: `ring of ${workers}, ${bytes / 1000} kB: the model (ours) beside the measured time`,
      ours: 1000 * modelled,
      other: 1000 * seconds,
      ratio: modelled / seconds,
      unit: 'ms',
      goal: `within ${100 * goals.model} %`,
      met: Math.abs(modelled / seconds - 1) <= goals.model
    };
  });
}

function row(name: string, { ours, other }: Rounds, times: number): BenchResult {
  const ratio = median(ours.map((ms, round) => ms / other[round]!));
  return {
    name,
    ours: median(ours) / times,
    other: median(other) / times,
    ratio,
    unit: 'ms',
    goal: `at most ${goals.ratio}`,
    met: ratio <= goals.ratio
  };
}

function expectAll(values: readonly number[], expected: number): void {
  if (values.every(value => value === expected)) return;
  throw new Error(`the workers reached ${values.join(', ')}, expected ${expected} on each`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function pythonOf(options: DistributedBenchOptions): string {
  const { JOULEBOOK_BENCH_PYTHON: named, VIRTUAL_ENV: environment } = process.env;
  const python = options.python ?? named ?? (environment && join(environment, 'bin', 'python'));
  if (python && existsSync(python)) return python;
  throw new Error(
    `expected a Python with TensorFlow and Keras, got ${python ?? 'none'}; set JOULEBOOK_BENCH_PYTHON (python3 -m pip install "tensorflow-cpu==2.21.*")`
  );
}
