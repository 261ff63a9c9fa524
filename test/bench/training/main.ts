import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { tensorflow, useTensorFlow } from '../../../kernel-helpers/src/runtime/index.ts';
import type { BenchResult } from '../result.ts';
import { AddonSide, buildAddon, OperationSide } from './addon.ts';
import { FitSide, fitModels } from './fit.ts';
import { bothFall, interleave, missing, row, sameLoss } from './interleave.ts';
import { models } from './models.ts';
import { smallOperations } from './operations.ts';
import { OurSide } from './ours.ts';
import { type PythonKind, PythonSide, type Run, type Task } from './python.ts';

/** How the training benchmark runs. */
export interface TrainingBenchOptions {
  /** A Python with TensorFlow and Keras; `$JOULEBOOK_BENCH_PYTHON`, else the active virtual environment's. */
  python?: string;
  /** Every model, optimiser and batch size rather than a selection: some 40 minutes. */
  all?: boolean;
  /** The project's folder; what is compiled for the benchmark is kept in its cache. */
  root: string;
  /** Interleaved rounds of each comparison. */
  rounds?: number;
  /** Steps in the test of memory. */
  memorySteps?: number;
}

/** Highest ratios to reach, ours / other. */
const goals = {
  function: 1,
  torch: 1,
  fit: 0.7,
  firstStep: 0.5,
  operation: 0.5,
  growth: 1.05,
  memory: 1.2
};
/** Calls of an operation that count as one step: single ones would be over before the machine has turned to them. */
const callsAtOnce = 100;
const addonGoals: Readonly<Record<string, number>> = { mlp: 0.35, lenet: 0.7 };

/**
 * Times training and forward steps of four models, ours and Python's by turns in one run, the loss read at every step.
 * @param options Which Python, how much.
 * @returns One row a comparison.
 */
export async function trainingBench(options: TrainingBenchOptions): Promise<BenchResult[]> {
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
  for (const model of Object.keys(models)) {
    results.push(await againstTorch(python, adamTask(model), rounds));
  }
  results.push(...(await againstAddon(options.root, rounds)));
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
  const side = new PythonSide(python, kind);
  try {
    await side.build(task);
    return await use(side);
  } finally {
    side.close();
  }
}

async function againstFunction(python: string, task: Task, rounds: number): Promise<BenchResult> {
  return withPython(python, task, 'function', async theirs => {
    const ours = new OurSide(task);
    const times = await interleave(ours, theirs, rounds, sameLoss);
    ours.close();
    return row(`${describe(task)} against tf.function(jit_compile=True)`, times, goals.function);
  });
}

/** PyTorch is optional: its wheel brings gigabytes of CUDA. */
async function againstTorch(python: string, task: Task, rounds: number): Promise<BenchResult> {
  try {
    return await withPython(python, task, 'torch', async theirs => {
      const ours = new OurSide(task);
      const times = await interleave(ours, theirs, rounds, sameLoss);
      ours.close();
      return row(`${describe(task)} against ${theirs.version}`, times, goals.torch);
    });
  } catch (error) {
    const reason = `missing (${python} -m pip install torch)`;
    return missing(`${describe(task)} against PyTorch: ${reason}`, goals.torch, error);
  }
}

async function againstFit(python: string, task: Task, rounds: number): Promise<BenchResult[]> {
  return withPython(python, task, 'keras', async theirs => {
    const ours = new FitSide(task);
    const [first, theirFirst] = [await ours.run(1), await theirs.run(1)];
    const times = await interleave(ours, theirs, rounds, bothFall);
    ours.close();
    const name = `${describe(task)}, fit against Keras' with jit`;
    const once = { ours: [first.ms], other: [theirFirst.ms] };
    return [
      row(name, times, goals.fit),
      row(`${name}: first step (ours compiles in the background)`, once, goals.firstStep)
    ];
  });
}

/** The addon runs the same kernels operation by operation, on the same library. */
async function againstAddon(root: string, rounds: number): Promise<BenchResult[]> {
  const { folder } = tensorflow();
  let file: string;
  let theirs: AddonSide;
  try {
    file = buildAddon(folder, join(root, '.cache/addon'));
    theirs = new AddonSide(file);
    await theirs.build(adamTask('mlp'));
  } catch (error) {
    const name = "against tfjs-node's addon: missing, as it does not compile here";
    return [missing(name, goals.operation, error)];
  }
  const results: BenchResult[] = [];
  for (const [model, goal] of Object.entries(addonGoals)) {
    const task = adamTask(model);
    await theirs.build(task);
    const ours = new OurSide(task);
    const times = await interleave(ours, theirs, rounds, sameLoss);
    ours.close();
    results.push(row(`${describe(task)} against tfjs-node's addon, eager`, times, goal));
  }
  theirs.close();
  return [...results, ...(await operations(file, rounds))];
}

async function operations(addon: string, rounds: number): Promise<BenchResult[]> {
  const sides = [new OperationSide('operation-side.ts'), new AddonSide(addon)] as const;
  const results: BenchResult[] = [];
  for (const operation of Object.keys(smallOperations)) {
    const [ours, theirs] = sides.map(side => ({
      run: async (steps: number): Promise<Run> => {
        const ms = await side.time(operation, callsAtOnce * steps);
        return { ms: ms / callsAtOnce, loss: NaN };
      }
    }));
    const times = await interleave(ours!, theirs!, rounds);
    results.push(row(`executeOp ${operation} against the addon's`, times, goals.operation));
  }
  for (const side of sides) side.close();
  return results;
}

async function memory(python: string, steps: number): Promise<BenchResult[]> {
  const task = adamTask('mlp');
  const mib = (): number => process.memoryUsage.rss() / 2 ** 20;
  const ours = new OurSide(task);
  ours.run(1);
  await ours.settle();
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
