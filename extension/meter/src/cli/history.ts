import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../api/client.ts';
import type { Execution } from '../execution.ts';
import type { ExecutionQuery } from '../store/query.ts';
import { readHistory } from '../store/reader.ts';
import { findDaemon } from './connect.ts';
import type { CliContext } from './context.ts';

/** Readings of a cell that has just ended settle within this time. */
const settleMs = 3000;
const askEveryMs = 100;

/** Which part of the history a command looks at. */
export type HistoryFilter = Pick<ExecutionQuery, 'notebook' | 'since'>;

/**
 * The history in order of start, a page at a time. A running meter is asked, since it may hold what
 * is not on disk yet; without one the file is read as it is.
 */
export async function* historyPages(
  context: CliContext,
  filter: HistoryFilter
): AsyncGenerator<Execution[]> {
  const client = await findDaemon(context);
  if (client !== undefined) {
    await settled(client);
    yield* client.executions({ ...filter });
  } else if (existsSync(context.places.history)) {
    yield* readHistory(context.places.history, filter);
  }
}

/** Waits until no cell that has ended is still without its energy, `settleMs` at most. */
async function settled(client: ApiClient): Promise<void> {
  const deadline = performance.now() + settleMs;
  while (performance.now() < deadline) {
    const [status, running] = await Promise.all([
      client.status(),
      client.get<{ executions: Execution[] }>('/v1/executions?status=running')
    ]);
    const busy = new Set(
      status.kernels.filter(({ state }) => state === 'busy').map(({ kernel_id }) => kernel_id)
    );
    if (running.executions.every(({ kernel_id }) => busy.has(kernel_id))) return;
    await pause(askEveryMs);
  }
}
