import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { useTensorFlow } from '../../../kernel-helpers/src/runtime/index.ts';
import type { BenchResult } from '../result.ts';
import { FitSide, fitModels } from './fit.ts';
import { OurSide } from './ours.ts';
import { type PythonKind, PythonSide, type Run, type Task } from './python.ts';

/** How the training benchmark runs. */
export interface TrainingBenchOptions {
  /** A Python with TensorFlow and Keras; `$JOULEBOOK_BENCH_PYTHON`, else the active virtual environment's. */
  python?: string;
  /** Every model, optimiser and batch size rather than a selection: some 40 minutes. */
  all?: boolean;
  /** Interleaved rounds of each comparison. */
  rounds?: number;
  /** Steps in the test of memory. */
  memorySteps?: number;
}

/** Highest ratios to reach, ours / other. */
const goals = { function: 1, fit: 0.7, firstStep: 0.5, growth: 1.05, memory: 1.2 };
const eagerGoals: Readonly<Record<string, number>> = { mlp: 0.35, lenet: 0.7 };

/** How long one round of one side takes at most, in milliseconds. */
const roundMs = 300;

/** Something that runs steps of one task. */
interface Side {
  run(steps: number): Promise<Run> | Run;
}

/**
 * Times training and forward steps of four models, ours and Python's by turns in one run, the loss read at every step.
 * @param options Which Python, how much.
 * @returns One row a comparison.
 */
export async function trainingBench(options: TrainingBenchOptions = {}): Promise<BenchResult[]> {
  await useTensorFlow({ fallback: 'none' });
  const python = pythonOf(options);
  const rounds = options.rounds ?? 9;
  // First, while nothing else has been compiled in this process.
  const results = await memory(python, options.memorySteps ?? 10_000);
  for (const task of tasks(options.all ?? false)) {
    results.push(await againstFunction(python, task, rounds));
  }
  for (const model of fitModels) {
    results.push(...(await againstFit(python, adamTask(model), rounds)));
  }
  for (const model of Object.keys(eagerGoals)) {
    results.push(await againstEager(adamTask(model), rounds));
  }
  return results;
}

function tasks(all: boolean): Task[] {
  const models = ['mlp', 'lenet', 'lstm', 'transformer'];
  const optimizers = ['sgd', 'momentum', 'adam'] as const;
  const batches = [1, 32, 128, 1024];
  if (all) {
    return models.flatMap(model =>
      batches.flatMap(batch => [
        { model, optimizer: 'sgd' as const, batch, train: false },
        ...optimizers.map(optimizer => ({ model, optimizer, batch, train: true }))
      ])
    );
  }
  const mlp = { model: 'mlp', train: true };
  return [
    ...batches.map(batch => ({ ...mlp, optimizer: 'adam' as const, batch })),
    { ...mlp, optimizer: 'sgd', batch: 128 },
    { ...mlp, optimizer: 'momentum', batch: 128 },
    { model: 'mlp', optimizer: 'sgd', batch: 128, train: false },
    { model: 'lenet', optimizer: 'adam', batch: 128, train: true },
    { model: 'lenet', optimizer: 'sgd', batch: 128, train: false },
    { model: 'lstm', optimizer: 'adam', batch: 32, train: true },
    { model: 'transformer', optimizer: 'adam', batch: 32, train: true }
  ];
}

function adamTask(model: string): Task {
  return { model, optimizer: 'adam', batch: 128, train: true };
}

async function withPython<T>(
  python: string,
  task: Task,
  kind: PythonKind,
  use: (side: PythonSide) => Promise<T>
): Promise<T> {
  const side = new PythonSide(python);
  try {
    await side.build(task, kind);
    return await use(side);
  } finally {
    side.close();
  }
}

async function againstFunction(python: string, task: Task, rounds: number): Promise<BenchResult> {
  return withPython(python, task, 'function', async theirs => {
    const ours = new OurSide(task);
    const times = await interleave(ours, theirs, rounds);
    ours.close();
    return row(`${describe(task)} against tf.function(jit_compile=True)`, times, goals.function);
  });
}

async function againstFit(python: string, task: Task, rounds: number): Promise<BenchResult[]> {
  return withPython(python, task, 'keras', async theirs => {
    const ours = new FitSide(task);
    const [first, theirFirst] = [await ours.run(1), await theirs.run(1)];
    await ours.ready();
    const times = await interleave(ours, theirs, rounds);
    ours.close();
    const name = `${describe(task)}, fit against Keras' with jit`;
    const once = { ours: [first.ms], other: [theirFirst.ms] };
    return [
      row(name, times, goals.fit),
      row(`${name}: first step (ours compiles in the background)`, once, goals.firstStep)
    ];
  });
}

/** The eager side runs the same operations one by one on the same library. */
async function againstEager(task: Task, rounds: number): Promise<BenchResult> {
  const [ours, eager] = [new OurSide(task), new OurSide(task, 'eagerly')];
  const times = await interleave(ours, eager, rounds);
  ours.close();
  eager.close();
  return row(`${describe(task)} against eager operations`, times, eagerGoals[task.model]!);
}

async function memory(python: string, steps: number): Promise<BenchResult[]> {
  const task = adamTask('mlp');
  const mib = (): number => process.memoryUsage.rss() / 2 ** 20;
  const ours = new OurSide(task);
  ours.run(Math.ceil(steps / 10));
  const [early, earlyTensors] = [mib(), tf.memory().numTensors];
  ours.run(steps);
  const late = mib();
  const grown = tf.memory().numTensors - earlyTensors;
  ours.close();
  const theirPeak = await withPython(python, task, 'function', async theirs => {
    await theirs.run(Math.ceil(steps / 10));
    return theirs.peakMib;
  });
  const flat = { ours: [late], other: [early] };
  return [
    row(`memory after ${steps} steps (${grown} tensors more)`, flat, goals.growth, 'MiB'),
    row("memory against Python's peak", { ours: [late], other: [theirPeak] }, goals.memory, 'MiB')
  ];
}

interface Times {
  readonly ours: number[];
  readonly other: number[];
}

/** Milliseconds a step of each round; the sides take turns, so that what else the machine does meets both. */
async function interleave(ours: Side, other: Side, rounds: number): Promise<Times> {
  await ours.run(3);
  await other.run(3);
  const { ms } = await ours.run(3);
  const steps = Math.min(200, Math.max(2, Math.round((3 * roundMs) / ms)));
  const times: Times = { ours: [], other: [] };
  for (let round = 0; round < rounds; round++) {
    times.ours.push((await ours.run(steps)).ms / steps);
    times.other.push((await other.run(steps)).ms / steps);
  }
  return times;
}

function row(name: string, times: Times, goal: number, unit = 'ms'): BenchResult {
  const ratio = median(times.ours.map((ms, round) => ms / times.other[round]!));
  return {
    name,
    ours: median(times.ours),
    other: median(times.other),
    ratio,
    unit,
    goal: `at most ${goal}`,
    met: ratio <= goal
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function describe({ model, optimizer, batch, train }: Task): string {
  return `${model}, batch ${batch}, ${train ? `training with ${optimizer}` : 'forward'}`;
}

function pythonOf(options: TrainingBenchOptions): string {
  const { JOULEBOOK_BENCH_PYTHON: named, VIRTUAL_ENV: environment } = process.env;
  const python = options.python ?? named ?? (environment && join(environment, 'bin', 'python'));
  if (python && existsSync(python)) return python;
  throw new Error(
    `expected a Python with TensorFlow and Keras, got ${python ?? 'none'}; set JOULEBOOK_BENCH_PYTHON (python3 -m pip install "tensorflow-cpu==2.21.*")`
  );
}
