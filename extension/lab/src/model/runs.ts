import type { Execution } from '../api/types';
import { type EnergySum, sumEnergies } from './energy';

/** What ran in a notebook between two starts of its kernel. */
export interface Run {
  /** The id of its first execution. */
  id: string;
  kernelName: string;
  startedAt: string;
  /** Oldest first. */
  executions: Execution[];
}

/** Puts executions in the order in which they began. */
export function inOrder(executions: Iterable<Execution>): Execution[] {
  return [...executions].sort(
    (a, b) => compare(a.started_at, b.started_at) || compare(a.start_ns, b.start_ns)
  );
}

/**
 * Splits executions into runs. A run ends when the kernel is replaced, dies, or counts from the
 * beginning again, as it does after a restart.
 * @param executions Oldest first.
 */
export function splitRuns(executions: readonly Execution[]): Run[] {
  const runs: Run[] = [];
  let highest = 0;
  for (const execution of executions) {
    const run = runs[runs.length - 1];
    const count = execution.execution_count;
    if (run && goesOn(run, execution, highest)) {
      run.executions.push(execution);
    } else {
      highest = 0;
      runs.push({
        id: execution.id,
        kernelName: execution.kernel_name,
        startedAt: execution.started_at,
        executions: [execution]
      });
    }
    if (count !== null) highest = Math.max(highest, count);
  }
  return runs;
}

/** The energy of a whole run. */
export function runTotal(run: Run): EnergySum {
  return sumEnergies(run.executions.map(execution => execution.total));
}

/** The time a run's cells took together, in seconds. */
export function runSeconds(run: Run): number {
  return run.executions.reduce((sum, execution) => sum + (secondsOf(execution) ?? 0), 0);
}

/** How long an execution took; null while it runs. */
export function secondsOf(execution: Execution): number | null {
  return execution.end_ns === null ? null : (execution.end_ns - execution.start_ns) / 1e9;
}

function goesOn(run: Run, next: Execution, highest: number): boolean {
  const last = run.executions[run.executions.length - 1];
  if (!last || last.kernel_id !== next.kernel_id) return false;
  if (last.status === 'died' || last.status === 'lost') return false;
  return next.execution_count === null || next.execution_count > highest;
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
