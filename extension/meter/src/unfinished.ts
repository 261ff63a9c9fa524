import { formatIso } from './clock.ts';
import type { Execution } from './execution.ts';
import type { KernelListener } from './kernels/kernel-listener.ts';
import type { CellWindow } from './kernels/windows.ts';
import type { WallClock } from './wall-clock.ts';

/** Dates of one boot agree with its monotonic clock to this, clock steps included. */
const sameBootMs = 60_000;
/** A doubted cell that has used no CPU for this long has ended while nobody listened. */
const quietNs = 30_000_000_000;
/** CPU share below which a kernel only waits: ipykernel's own threads use some 0.3 %. */
const waitingShare = 0.02;

/**
 * What becomes of an execution that a daemon left running: the kernel it goes on in, or the execution
 * as it ended: `died` with its kernel, `lost` where the machine has been restarted since.
 */
export function fateOf(
  execution: Execution,
  kernels: readonly KernelListener[],
  clock: WallClock,
  nowNs: number
): { kernel: KernelListener } | { ended: Execution } {
  const kernel = kernels.find(({ id }) => id === execution.kernel_id);
  const startedAt = Number(clock.toWall(execution.start_ns)) / 1e6;
  const isSameBoot = Math.abs(startedAt - Date.parse(execution.started_at)) < sameBootMs;
  if (kernel?.tree && isSameBoot) return { kernel };
  const status = isSameBoot ? 'died' : 'lost';
  const ended_at = formatIso(clock.toWall(nowNs));
  return { ended: { ...execution, status, ended_at, end_ns: nowNs } };
}

/** The window with which such an execution goes on; its energy is metered from now on. */
export function resumedWindow(execution: Execution, nowNs: number): CellWindow {
  return {
    msgId: execution.msg_id,
    startNs: execution.start_ns,
    meteredFromNs: nowNs,
    endNs: null,
    status: 'running',
    sourceSha256: execution.source_sha256,
    executionCount: execution.execution_count,
    announced: true,
    joined: true
  };
}

type DoubtedKernel = Pick<KernelListener, 'windows' | 'tree'>;

/**
 * Cells whose end may have been missed: they were resumed, or the connection to their kernel broke.
 * Those whose kernel only waits have ended.
 */
export class DoubtedCells {
  readonly #cells = new Map<
    CellWindow,
    { kernel: DoubtedKernel; sinceNs: number; cpuNs: number }
  >();

  /** Watches what runs in a kernel. */
  addAll(kernel: DoubtedKernel, nowNs: number): void {
    for (const window of kernel.windows.running) this.add(window, kernel, nowNs);
  }

  /** Watches a cell. */
  add(window: CellWindow, kernel: DoubtedKernel, nowNs: number): void {
    const cpuNs = kernel.tree?.sample().cpuNs ?? 0;
    this.#cells.set(window, { kernel, sinceNs: nowNs, cpuNs });
  }

  /** Closes those that have ended, as `lost` at the moment since when their kernel has waited. */
  check(nowNs: number): void {
    for (const [window, cell] of this.#cells) {
      if (window.endNs !== null || !cell.kernel.tree) {
        this.#cells.delete(window);
        continue;
      }
      if (nowNs - cell.sinceNs < quietNs) continue;
      const { cpuNs } = cell.kernel.tree.sample();
      if ((cpuNs - cell.cpuNs) / (nowNs - cell.sinceNs) < waitingShare) {
        cell.kernel.windows.end(cell.sinceNs, 'lost');
        this.#cells.delete(window);
      } else {
        Object.assign(cell, { sinceNs: nowNs, cpuNs });
      }
    }
  }
}
