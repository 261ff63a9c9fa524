import { join } from 'node:path';
import type { BenchResult } from '../result.ts';
import type { KernelCommand } from './client.ts';
import { goals } from './goals.ts';
import { findKernels } from './kernels.ts';
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
import { casesTable, isRight, readCases } from './semantics.ts';

/** What to measure. */
export interface KernelBenchOptions {
  /** The project's folder. */
  root: string;
  /** The folder of our built kernel. @default extension/server/joulebook/runtime of the root */
  runtime?: string;
  /** Fresh kernels of each kind, interleaved. @default 5 */
  rounds?: number;
}

/**
 * Measures the TypeScript kernel through ZeroMQ, interleaved with ipykernel, and with tslab and Deno where they are on the
 * path. Prints the table of semantic cases.
 */
export async function kernelBench(options: KernelBenchOptions): Promise<BenchResult[]> {
  const { root, rounds = 5 } = options;
  const runtime = options.runtime ?? join(root, 'extension/server/joulebook/runtime');
  const kernels = findKernels(root, runtime);
  const others = [kernels.tslab, kernels.deno].filter(kernel => kernel !== undefined);
  const found = await interleave(rounds, [
    [kernels.ours, typescript],
    [kernels.ipykernel, python],
    ...others.map((kernel): [KernelCommand, Workload] => [kernel, typescript])
  ]);
  const ours = found.get(kernels.ours.name) ?? [];
  const results = [...found]
    .filter(([name]) => name !== kernels.ours.name)
    .flatMap(([name, other]) => compare(ours, other, name));
  results.push(
    result('first import of TensorFlow.js', median(ours.map(one => one.import)), null, {
      unit: 'ms',
      goal: goals.importMs
    }),
    result('completion and inspection', median(ours.flatMap(one => one.assist)), null, {
      unit: 'ms',
      goal: goals.assistMs
    }),
    ...(await endurance(kernels.ours))
  );
  await semantics(join(root, 'test/kernel/cases.json'), [kernels.ours, ...others]);
  return results;
}

async function interleave(
  rounds: number,
  kernels: readonly [KernelCommand, Workload][]
): Promise<Map<string, Round[]>> {
  const found = new Map<string, Round[]>();
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const [command, work] of kernels) {
      const one = await round(command, work);
      found.set(command.name, [...(found.get(command.name) ?? []), one]);
    }
  }
  return found;
}

function compare(ours: readonly Round[], other: readonly Round[], name: string): BenchResult[] {
  const pick = (of: (one: Round) => number[]): [number, number] => [
    median(ours.flatMap(of)),
    median(other.flatMap(of))
  ];
  const [start, otherStart] = pick(one => [one.start]);
  const [before, otherBefore] = pick(one => one.before);
  const [after, otherAfter] = pick(one => one.after);
  const startGoal = name === 'ipykernel' ? goals.startRatio * otherStart : Infinity;
  return [
    {
      ...result(`start to first reply, beside ${name}`, start, otherStart, {
        unit: 'ms',
        goal: startGoal
      }),
      goal: name === 'ipykernel' ? `at most ${goals.startRatio} of ipykernel's` : 'none'
    },
    result(`small cell, beside ${name}`, before, otherBefore, { unit: 'ms', goal: goals.cellMs }),
    result(`small cell after TensorFlow.js, beside ${name}`, after, otherAfter, {
      unit: 'ms',
      goal: goals.cellMs
    })
  ];
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

async function semantics(path: string, kernels: readonly KernelCommand[]): Promise<void> {
  const rows: { name: string; right: boolean[] }[] = [];
  for (const one of readCases(path)) {
    const right: boolean[] = [];
    for (const kernel of kernels) right.push(await isRight(kernel, one));
    rows.push({ name: one.name, right });
  }
  const names = kernels.map(
    ({ name }, at) => `${name} (${rows.filter(({ right }) => right[at]).length} of ${rows.length})`
  );
  console.log(`${casesTable(rows, names)}\n`);
}
