import type { Execution } from '../api/types';
import { assign, type CellInfo } from './cells';
import { type EnergySum, sumEnergies } from './energy';
import { buildRow, type NotRun, progressed, type Row } from './row';
import { runSeconds, splitRuns, type Run } from './runs';

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

/** The executions of this run, oldest first. */
export function executionsOf({ runs }: NotebookView): readonly Execution[] {
  return runs[runs.length - 1]?.executions ?? [];
}

/** What a row was made of; the same parts give the same row again. */
interface Made {
  cell: CellInfo;
  ran: Execution | NotRun;
  elapsed: number | null;
  times: number;
  row: Row;
}

/** Puts cells and executions together, and keeps each row for as long as nothing about it changes. */
export class ViewBuilder {
  private made = new Map<string, Made>();

  /**
   * Puts cells and executions together.
   * @param cells The code cells, in the notebook's order.
   * @param executions Oldest first.
   * @param notRun Cells, by their ids, whose latest request has not begun or was aborted.
   * @param elapsed Seconds that running executions have taken so far, by their ids.
   */
  build(
    cells: readonly CellInfo[],
    executions: readonly Execution[],
    notRun: ReadonlyMap<string, NotRun>,
    elapsed: ReadonlyMap<string, number>
  ): NotebookView {
    const runs = splitRuns(executions);
    const run = runs[runs.length - 1];
    const current = run?.executions ?? [];
    const inRun = new Set(current);
    const everything = assign(cells, executions);
    const repeated: Execution[] = [];
    const latest = new Map<string, Row>();
    const made = new Map<string, Made>();
    for (const cell of cells) {
      const own = everything.byCell.get(cell.key) ?? [];
      const mine = own.filter(execution => inRun.has(execution));
      repeated.push(...mine.slice(0, -1));
      const last = own[own.length - 1];
      const ran = last?.status === 'running' ? last : (notRun.get(cell.id) ?? last);
      if (!ran) continue;
      const soFar = last?.status === 'running' ? (elapsed.get(last.id) ?? null) : null;
      const line = this.row(cell, ran, soFar, mine.length);
      made.set(cell.key, line);
      latest.set(cell.key, line.row);
    }
    this.made = made;
    return {
      rows: [...latest.values()].filter(row => !row.earlier),
      latest,
      total: sumEnergies(current.map(execution => execution.total)),
      seconds: run ? runSeconds(run) : 0,
      repeated: remainder(repeated),
      gone: remainder(everything.orphans.filter(execution => inRun.has(execution))),
      idleJoules: idleOf(current),
      kernelName: run?.kernelName ?? null,
      runs
    };
  }

  private row(
    cell: CellInfo,
    ran: Execution | NotRun,
    elapsed: number | null,
    times: number
  ): Made {
    const held = this.made.get(cell.key);
    const same =
      held?.cell === cell && held.ran === ran && held.elapsed === elapsed && held.times === times;
    if (same) return held;
    return { cell, ran, elapsed, times, row: buildRow(cell, ran, elapsed, times) };
  }
}

/**
 * A view after one of its running executions went on: only that row and the total differ. This
 * happens many times a second and must not cost what building the view costs.
 * @returns Null when the execution is not the one that its cell's row shows as running.
 */
export function advance(
  view: NotebookView,
  execution: Execution,
  elapsed: number | null
): NotebookView | null {
  const at = view.rows.findIndex(row => row.execution?.id === execution.id);
  const row = view.rows[at];
  const run = view.runs[view.runs.length - 1];
  const place = run?.executions.findIndex(({ id }) => id === execution.id) ?? -1;
  if (!row || row.status !== 'running' || !run || place < 0) return null;
  const next = progressed(row, execution, elapsed);
  const executions = replaced(run.executions, place, execution);
  return {
    ...view,
    rows: replaced(view.rows, at, next),
    latest: new Map(view.latest).set(row.key, next),
    total: sumEnergies(executions.map(({ total }) => total)),
    idleJoules: idleOf(executions),
    runs: [...view.runs.slice(0, -1), { ...run, executions }]
  };
}

function replaced<T>(list: readonly T[], at: number, value: T): T[] {
  const copy = [...list];
  copy[at] = value;
  return copy;
}

function idleOf(executions: readonly Execution[]): number | null {
  const idle = executions.map(e => e.idle_joules).filter(joules => joules !== null);
  return idle.length > 0 ? idle.reduce((sum, joules) => sum + joules, 0) : null;
}

function remainder(executions: readonly Execution[]): Remainder {
  return { count: executions.length, energy: sumEnergies(executions.map(e => e.total)) };
}
