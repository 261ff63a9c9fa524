import type { Energy, Execution, ExecutionStatus } from '../api/types';
import { assign, type CellInfo } from './cells';
import { type EnergySum, sumEnergies } from './energy';
import { runSeconds, secondsOf, splitRuns, type Run } from './runs';
import { type Split, splitEnergy } from './split';

/** One line of the table: a cell and its latest execution. */
export interface Row {
  key: string;
  cellId: string;
  /** Position of the cell in the notebook, from 0. */
  index: number;
  line: string;
  status: ExecutionStatus | 'queued';
  execution: Execution | null;
  energy: Energy;
  split: Split;
  /** Null while the cell runs or waits. */
  seconds: number | null;
  /** How long a running cell had taken when its energy was told; null for others. */
  elapsed: number | null;
  /** Mean power with the energy's interval; null without an energy or a time. */
  watts: { value: number; low: number; high: number } | null;
  /** Part of the run's total, between 0 and 1. */
  share: number;
  /** The cell was edited since this was measured. */
  stale: boolean;
  /** The cell ran before its kernel's latest start; it is not in the total. */
  earlier: boolean;
  /** How often the cell ran in this run. */
  times: number;
}

/** Several executions that have no row of their own. */
export interface Remainder {
  count: number;
  energy: EnergySum;
}

/** All that the views show of one notebook. */
export interface NotebookView {
  /** Cells of this run, in the notebook's order. */
  rows: Row[];
  /** The latest execution of every cell, of this run or an earlier one. */
  latest: Map<string, Row>;
  total: EnergySum;
  seconds: number;
  /** Earlier executions, in this run, of cells that have a row. */
  repeated: Remainder;
  /** Executions whose cell is no longer in the notebook. */
  gone: Remainder;
  idleJoules: number | null;
  kernelName: string | null;
  runs: Run[];
}

const NO_ENERGY: Energy = { joules: null, low: null, high: null, kind: 'missing' };

/**
 * Puts cells and executions together.
 * @param executions Oldest first.
 * @param queued Ids of cells whose request has been sent and has not begun.
 * @param elapsed Seconds that running executions have taken so far, by their ids.
 */
export function buildView(
  cells: readonly CellInfo[],
  executions: readonly Execution[],
  queued: ReadonlySet<string>,
  elapsed: ReadonlyMap<string, number>
): NotebookView {
  const runs = splitRuns(executions);
  const run = runs[runs.length - 1];
  const current = run?.executions ?? [];
  const inRun = new Set(current);
  const total = sumEnergies(current.map(execution => execution.total));
  const everything = assign(cells, executions);
  const repeated: Execution[] = [];
  const latest = new Map<string, Row>();
  for (const cell of cells) {
    const own = everything.byCell.get(cell.key) ?? [];
    const mine = own.filter(execution => inRun.has(execution));
    repeated.push(...mine.slice(0, -1));
    const execution = own[own.length - 1] ?? null;
    const waits = queued.has(cell.id) && execution?.status !== 'running';
    if (!execution && !waits) continue;
    const shown = waits ? null : execution;
    const soFar = shown?.status === 'running' ? (elapsed.get(shown.id) ?? null) : null;
    latest.set(cell.key, buildRow(cell, shown, soFar, mine.length, total.joules));
  }
  const idle = current.map(e => e.idle_joules).filter(j => j !== null);
  return {
    rows: [...latest.values()].filter(row => !row.earlier),
    latest,
    total,
    seconds: run ? runSeconds(run) : 0,
    repeated: remainder(repeated),
    gone: remainder(everything.orphans.filter(execution => inRun.has(execution))),
    idleJoules: idle.length > 0 ? idle.reduce((sum, joules) => sum + joules, 0) : null,
    kernelName: run?.kernelName ?? null,
    runs
  };
}

function buildRow(
  cell: CellInfo,
  execution: Execution | null,
  elapsed: number | null,
  times: number,
  totalJoules: number | null
): Row {
  const energy = execution?.total ?? NO_ENERGY;
  const seconds = execution && secondsOf(execution);
  const hash = execution?.source_sha256 ?? null;
  return {
    key: cell.key,
    cellId: cell.id,
    index: cell.index,
    line: cell.line,
    status: execution?.status ?? 'queued',
    execution,
    energy,
    split: splitEnergy(execution?.domains ?? [], energy.joules),
    seconds,
    elapsed,
    watts: meanPower(energy, seconds ?? elapsed),
    share: totalJoules && energy.joules !== null ? energy.joules / totalJoules : 0,
    stale: hash !== null && cell.sha256 !== null && hash !== cell.sha256,
    earlier: times === 0 && execution !== null,
    times
  };
}

/** Total energy over time, with the bounds of the energy; none for a window too short to resolve. */
function meanPower(energy: Energy, seconds: number | null): Row['watts'] {
  const { joules, low, high } = energy;
  if (joules === null || energy.below || !seconds) return null;
  return {
    value: joules / seconds,
    low: (low ?? joules) / seconds,
    high: (high ?? joules) / seconds
  };
}

function remainder(executions: readonly Execution[]): Remainder {
  return { count: executions.length, energy: sumEnergies(executions.map(e => e.total)) };
}
