import type { Energy, Execution } from '../../execution.ts';
import { missingEnergy } from '../../total.ts';
import { EnergySum } from '../energy-sum.ts';

/** One code cell of a run. */
export interface RunCell {
  index: number;
  cell_id: string;
  msg_id: string;
  /** Beginning of the source. */
  source: string;
  /** What the kernel replied; null while it runs. */
  status: string | null;
  /** The last the meter told; null when it never heard of the cell. */
  execution: Execution | null;
}

/** Why a run ended early. */
export interface RunFailure {
  index: number | null;
  name: string;
  message: string;
  traceback: string;
}

/** A run as far as it has come. */
export class RunReport {
  /** Code cells of the notebook. */
  planned = 0;
  /** Whether its cells may be executed by now. */
  hasBegun = false;
  readonly cells: RunCell[] = [];
  failure: RunFailure | null = null;
  /** Why the meter could not be followed to the end; null when it was. */
  meterLost: string | null = null;
  /** Whether the executed notebook has been saved. */
  isWritten = false;
  readonly #byMessage = new Map<string, RunCell>();

  /** A cell was sent to the kernel. */
  sent(cell: Pick<RunCell, 'index' | 'cell_id' | 'msg_id' | 'source'>): RunCell {
    const { index, cell_id, msg_id, source } = cell;
    const added = { index, cell_id, msg_id, source, status: null, execution: null };
    this.cells.push(added);
    this.#byMessage.set(msg_id, added);
    return added;
  }

  /** The kernel replied. */
  ended(msgId: string, status: string): void {
    const cell = this.#byMessage.get(msgId);
    if (cell !== undefined) cell.status = status;
  }

  /** The meter told; returns the cell, or undefined when it is not of this run. */
  metered(execution: Execution): RunCell | undefined {
    const cell = this.#byMessage.get(execution.msg_id);
    if (cell !== undefined) cell.execution = execution;
    return cell;
  }

  /** Whether nothing more will be executed: every cell was, or one failed. */
  get isExecuted(): boolean {
    const ended = this.cells.filter(({ status }) => status !== null);
    return this.failure !== null || ended.length === this.planned;
  }

  /** Whether the meter has told the end of every cell that was sent. */
  get settled(): boolean {
    return this.cells.every(isMetered);
  }

  /** Cells whose energy went with the meter: it left before it had told their end. */
  get unmetered(): RunCell[] {
    return this.meterLost === null ? [] : this.cells.filter(cell => !isMetered(cell));
  }

  /** What a cell has cost so far; of one that the meter left, or did not see, it is missing. */
  energyOf(cell: RunCell): Energy {
    if (this.meterLost !== null && !isMetered(cell)) {
      return missingEnergy('the meter left before it had told the end of this cell');
    }
    return cell.execution?.total ?? missingEnergy('the meter did not see it');
  }

  /** The energy of all cells so far, running ones included. */
  get total(): Energy {
    const sum = new EnergySum();
    for (const cell of this.cells) sum.add(this.energyOf(cell));
    return sum.total;
  }
}

function isMetered({ execution }: RunCell): boolean {
  return execution !== null && execution.status !== 'running';
}

/** Seconds an execution took, or has taken so far; null when nothing is known. */
export function secondsOf(execution: Execution | null): number | null {
  if (execution === null || execution.end_ns === null) return null;
  return (execution.end_ns - execution.start_ns) / 1e9;
}
