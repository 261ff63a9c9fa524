import { type CellOutcome, KernelClient, type KernelCommand } from './client.ts';

/** What one kernel gave in one round, times in ms. */
export interface Round {
  start: number;
  /** Small cells before and after a large package is imported. */
  before: number[];
  import: number;
  after: number[];
  /** Completion, then inspection of each of the workload's unfinished cells. */
  assist: number[];
}

/** What a kernel is given: cells of its language. */
export interface Workload {
  cell(index: number): string;
  /** Imports a large package. */
  import?: string;
  /** Cells that are completed and inspected at their end, with names of that package and of the helpers. */
  assisted: string[];
}

/** Cells of TypeScript, each with types to check. */
export const typescript: Workload = {
  cell: index =>
    `function scale${index}(xs: number[], by = ${index}): number[] { return xs.map(x => x * by) }\n` +
    `const scaled${index} = scale${index}([1, 2, 3]); scaled${index}.length`,
  import: "import * as tf from '@tensorflow/tfjs'",
  assisted: [
    'tf.',
    'tf.layers.',
    'tf.train.adam',
    'tf.tensor1d([1]).matMul',
    "import * as helpers from 'kernel-helpers'\nhelpers.optim.",
    'new '
  ]
};

/** The same in Python, which checks nothing. */
export const python: Workload = {
  cell: index =>
    `def scale${index}(xs, by=${index}):\n    return [x * by for x in xs]\n` +
    `scaled${index} = scale${index}([1, 2, 3]); len(scaled${index})`,
  assisted: []
};

/** Small cells of each part of a round. */
const cells = 40;

/**
 * Runs one round on a fresh kernel.
 * @param folder The notebook's folder.
 */
export async function round(
  command: KernelCommand,
  work: Workload,
  folder: string
): Promise<Round> {
  const client = await KernelClient.start(command, folder);
  try {
    await client.run(work.cell(0));
    const before = await times(client, work, 1, cells);
    const imported = work.import === undefined ? 0 : milliseconds(await client.run(work.import));
    const after = await times(client, work, cells + 1, 2 * cells);
    const assist = await assistance(client, work.assisted);
    return { start: client.startMs, before, import: imported, after, assist };
  } finally {
    await client.stop();
  }
}

async function times(
  client: KernelClient,
  work: Workload,
  from: number,
  to: number
): Promise<number[]> {
  const found: number[] = [];
  for (let index = from; index <= to; index += 1) {
    found.push(milliseconds(await client.run(work.cell(index))));
  }
  return found;
}

function milliseconds(outcome: CellOutcome): number {
  if (outcome.status !== 'ok') throw new Error(`a cell of the benchmark failed: ${outcome.error}`);
  return outcome.milliseconds;
}

async function assistance(client: KernelClient, unfinished: readonly string[]): Promise<number[]> {
  const found: number[] = [];
  for (const type of ['complete_request', 'inspect_request']) {
    for (const code of unfinished) {
      const started = performance.now();
      await client.request(type, { code, cursor_pos: code.length, detail_level: 0 });
      found.push(performance.now() - started);
    }
  }
  return found;
}

/** What 1,000 cells do to a kernel. */
export interface LongRun {
  first: number;
  last: number;
  memoryBytes: number;
}

/** Runs 1,000 cells after the import; medians are of the first and the last hundred. */
export async function longRun(command: KernelCommand, work: Workload): Promise<LongRun> {
  const client = await KernelClient.start(command);
  try {
    if (work.import !== undefined) milliseconds(await client.run(work.import));
    const all = await times(client, work, 1, 1000);
    const memoryBytes = client.memory();
    return { first: median(all.slice(0, 100)), last: median(all.slice(-100)), memoryBytes };
  } finally {
    await client.stop();
  }
}

/** How long after a SIGINT a computing and a waiting cell end, ms. */
export async function interruptTimes(command: KernelCommand): Promise<number[]> {
  const client = await KernelClient.start(command);
  try {
    await client.run('1 + 1');
    const found: number[] = [];
    for (const code of ['while (true) {}', 'await new Promise<void>(() => {})']) {
      const ended = client.run(code);
      await new Promise(resolve => setTimeout(resolve, 500));
      const asked = performance.now();
      client.process.kill('SIGINT');
      await ended;
      found.push(performance.now() - asked);
    }
    return found;
  } finally {
    await client.stop();
  }
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}
