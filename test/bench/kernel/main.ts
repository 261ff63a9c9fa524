import { join } from 'node:path';
import type { BenchResult } from '../result.ts';
import type { KernelCommand } from './client.ts';
import { goals } from './goals.ts';
import { findKernels } from './kernels.ts';
import { installPeers } from './peers.ts';
import {
  interruptTimes,
  longRun,
  median,
  python,
  round,
  type Round,
  typescript,
  type Workload
} from './measure.ts';
import { casesTable, readCases, rightCases } from './semantics.ts';

const runtimeFolder = 'extension/server/joulebook/runtime';

/** What to measure. */
export interface KernelBenchOptions {
  /** The project's folder. */
  root: string;
  /** The folder of our built kernel. @default extension/server/joulebook/runtime of the root */
  runtime?: string;
  /** Fresh kernels of each kind, interleaved. @default 5 */
  rounds?: number;
}

/** Measures the TypeScript kernel through ZeroMQ, interleaved with ipykernel, tslab and Deno. */
export async function kernelBench(options: KernelBenchOptions): Promise<BenchResult[]> {
  const { root, rounds = 5 } = options;
  const kernels = findKernels(root, options.runtime ?? join(root, runtimeFolder));
  const peers = installPeers(root);
  const found = await interleave(rounds, peers.folder, [
    [kernels.ours, typescript],
    [kernels.ipykernel, python],
    ...peers.commands.map((kernel): [KernelCommand, Workload] => [
      kernel,
      { ...typescript, assisted: [] }
    ])
  ]);
  const ours = found.get(kernels.ours.name) ?? [];
  const results = [...found]
    .filter(([name]) => name !== kernels.ours.name)
    .flatMap(([name, other]) => compare(ours, other, name));
  results.push(
    result('completion or inspection, the slowest of twelve', slowestAssist(ours), null, {
      unit: 'ms',
      goal: goals.assistMs
    }),
    ...(await endurance(kernels.ours))
  );
  return results;
}

/** Runs the cases of `test/kernel/cases.json` on our kernel, tslab and Deno, and prints the table. */
export async function languageBench(options: KernelBenchOptions): Promise<BenchResult[]> {
  const { root } = options;
  const { ours } = findKernels(root, options.runtime ?? join(root, runtimeFolder));
  const kernels = [ours, ...installPeers(root).commands];
  const cases = readCases(join(root, 'test/kernel/cases.json'));
  const found: boolean[][] = [];
  for (const kernel of kernels) found.push(await rightCases(kernel, cases));
  const rows = cases.map(({ name }, at) => ({
    name,
    right: found.map(right => right[at] === true)
  }));
  const counts = kernels.map((_, at) => rows.filter(({ right }) => right[at]).length);
  console.log(
    `${casesTable(
      rows,
      kernels.map(({ name }) => name)
    )}\n`
  );
  const [own = 0, ...others] = counts;
  const row = (name: string, other: number | null): BenchResult => ({
    name,
    ours: own,
    other,
    ratio: other === null ? null : own / other,
    unit: `of ${rows.length}`,
    goal: 'all',
    met: own === rows.length
  });
  if (others.length === 0) return [row('language cases that are right', null)];
  return others.map((other, at) =>
    row(`language cases that are right, beside ${kernels[at + 1]?.name ?? ''}`, other)
  );
}

async function interleave(
  rounds: number,
  folder: string,
  kernels: readonly [KernelCommand, Workload][]
): Promise<Map<string, Round[]>> {
  const found = new Map<string, Round[]>();
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const [command, work] of kernels) {
      const one = await round(command, work, folder);
      found.set(command.name, [...(found.get(command.name) ?? []), one]);
    }
  }
  return found;
}

function compare(ours: readonly Round[], other: readonly Round[], name: string): BenchResult[] {
  const row = (what: string, of: (one: Round) => number[], goal: number): BenchResult =>
    result(`${what}, beside ${name}`, median(ours.flatMap(of)), median(other.flatMap(of)), {
      unit: 'ms',
      goal
    });
  const start = row('start to first reply', one => [one.start], Infinity);
  const isGoal = name === 'ipykernel';
  const rows = [
    {
      ...start,
      goal: isGoal ? `at most ${goals.startRatio} of ipykernel's` : 'none',
      met: !isGoal || (start.ratio ?? Infinity) <= goals.startRatio
    },
    row('small cell', one => one.before, goals.cellMs),
    row('small cell after TensorFlow.js', one => one.after, goals.cellMs)
  ];
  return isGoal
    ? rows
    : [...rows, row('first import of TensorFlow.js', one => [one.import], goals.importMs)];
}

/** The largest of the medians, one for each completion and inspection. */
function slowestAssist(rounds: readonly Round[]): number {
  const medians = rounds[0]?.assist.map((_, at) =>
    median(rounds.map(one => one.assist[at] ?? NaN))
  );
  return Math.max(...(medians ?? []));
}

async function endurance(command: KernelCommand): Promise<BenchResult[]> {
  const { first, last, memoryBytes } = await longRun(command, typescript);
  const slowest = Math.max(...(await interruptTimes(command)));
  return [
    {
      ...result('median of cells 901 to 1,000, beside the first 100', last, first, {
        unit: 'ms',
        goal: goals.growthRatio * first
      }),
      goal: `at most ${goals.growthRatio} of the first`
    },
    result('memory after 1,000 cells', memoryBytes / 1e6, null, {
      unit: 'MB',
      goal: goals.memoryBytes / 1e6
    }),
    result('interrupt to the end of the cell', slowest, null, {
      unit: 'ms',
      goal: goals.interruptMs
    })
  ];
}

function result(
  name: string,
  ours: number,
  other: number | null,
  { unit, goal }: { unit: string; goal: number }
): BenchResult {
  const ratio = other === null ? null : ours / other;
  return { name, ours, other, ratio, unit, goal: `at most ${goal} ${unit}`, met: ours <= goal };
}
