import type { Energy, Execution } from './api/types';
import type { CellInfo } from './model/cells';

/** A measured energy of `joules` ± `half`, for tests. */
export function measured(joules: number, half: number): Energy {
  return { joules, low: joules - half, high: joules + half, kind: 'measured' };
}

/** A modelled energy between `low` and `high`, for tests. */
export function modelled(joules: number, low: number, high: number): Energy {
  return { joules, low, high, kind: 'modelled' };
}

/** An execution that ran for a second and ended well, with changes, for tests. */
export function execution(id: string, change: Partial<Execution> = {}): Execution {
  const startNs = Number(id) * 2e9;
  return {
    id,
    kernel_id: 'kernel-a',
    kernel_name: 'python3',
    msg_id: `message-${id}`,
    execution_count: Number(id),
    source_sha256: `hash-${id}`,
    notebook: '/home/ada/a.ipynb',
    notebook_path: 'a.ipynb',
    cell_id: `cell-${id}`,
    status: 'ok',
    started_at: new Date(Date.UTC(2026, 10, 23) + Number(id) * 2e3).toISOString(),
    ended_at: new Date(Date.UTC(2026, 10, 23) + Number(id) * 2e3 + 1e3).toISOString(),
    start_ns: startNs,
    end_ns: startNs + 1e9,
    policy: 'active',
    total: measured(10, 0.5),
    domains: [],
    idle_joules: 4,
    cpu_seconds: 1,
    read_bytes: null,
    written_bytes: null,
    peak_memory_bytes: null,
    gaps: [],
    measures: [],
    ...change
  };
}

/** The code cell that `execution(id)` belongs to, for tests. */
export function cell(id: number, change: Partial<CellInfo> = {}): CellInfo {
  return {
    key: `cell-${id}`,
    id: `cell-${id}`,
    index: id,
    line: `line ${id}`,
    sha256: `hash-${id}`,
    ...change
  };
}
