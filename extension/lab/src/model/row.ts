import type { Energy, Execution, ExecutionStatus } from '../api/types';
import type { CellInfo } from './cells';
import { secondsOf } from './runs';
import { type Split, splitEnergy } from './split';

/** Why a cell that was asked to run has not: it waits, or a cell before it failed. */
export type NotRun = 'queued' | 'aborted';

/** One line of the table: a cell and its latest execution. */
export interface Row {
  key: string;
  cellId: string;
  /** Position of the cell in the notebook, from 0. */
  index: number;
  line: string;
  status: ExecutionStatus | NotRun;
  execution: Execution | null;
  energy: Energy;
  split: Split;
  /** Null while the cell runs or waits. */
  seconds: number | null;
  /** How long a running cell had taken when its energy was told; null for others. */
  elapsed: number | null;
  /** Mean power with the energy's interval; null without an energy or a time. */
  watts: { value: number; low: number; high: number } | null;
  /** The cell was edited since this was measured. */
  stale: boolean;
  /** The cell ran before its kernel's latest start; it is not in the total. */
  earlier: boolean;
  /** How often the cell ran in this run. */
  times: number;
}

const NO_ENERGY: Energy = { joules: null, low: null, high: null, kind: 'missing' };

/**
 * The line of a cell.
 * @param ran Its latest execution, or why there is none of its latest request.
 * @param elapsed Seconds that a running execution has taken so far.
 * @param times How often the cell ran in this run.
 */
export function buildRow(
  cell: CellInfo,
  ran: Execution | NotRun,
  elapsed: number | null,
  times: number
): Row {
  const execution = typeof ran === 'string' ? null : ran;
  const energy = execution?.total ?? NO_ENERGY;
  const seconds = execution && secondsOf(execution);
  const hash = execution?.source_sha256 ?? null;
  return {
    key: cell.key,
    cellId: cell.id,
    index: cell.index,
    line: cell.line,
    status: typeof ran === 'string' ? ran : ran.status,
    execution,
    energy,
    split: splitEnergy(execution?.domains ?? [], energy.joules),
    seconds,
    elapsed,
    watts: meanPower(energy, seconds ?? elapsed),
    stale: hash !== null && cell.sha256 !== null && hash !== cell.sha256,
    earlier: times === 0 && execution !== null,
    times
  };
}

/** The same row with the figures that a running execution has by now. */
export function progressed(row: Row, execution: Execution, elapsed: number | null): Row {
  const energy = execution.total;
  return {
    ...row,
    execution,
    energy,
    split: splitEnergy(execution.domains, energy.joules),
    elapsed,
    watts: meanPower(energy, elapsed)
  };
}

/** The row's part of a total, between 0 and 1. */
export function shareOf(row: Row, totalJoules: number | null): number {
  return totalJoules && row.energy.joules !== null ? row.energy.joules / totalJoules : 0;
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
