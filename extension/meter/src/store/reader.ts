import { DatabaseSync } from 'node:sqlite';
import type { Execution } from '../execution.ts';
import { HistoryDatabase } from './history-database.ts';
import type { Cursor, ExecutionQuery } from './query.ts';
import { microsecondsOf } from './rows.ts';
import type { Settings } from './settings.ts';

const pageSize = 1000;

/**
 * Reads executions from the file without a daemon, in order of start, a page at a time. The file is
 * not changed; another process may write it meanwhile.
 */
export function* readHistory(path: string, query: ExecutionQuery): Generator<Execution[]> {
  const history = new HistoryDatabase(new DatabaseSync(path, { readOnly: true, timeout: 1000 }));
  try {
    let cursor: Cursor | undefined;
    for (;;) {
      const rows = history.list({ ...query, limit: pageSize }, cursor);
      const page = rows.map(({ execution }) => execution);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return;
      cursor = { startedUs: microsecondsOf(last.started_at), id: last.id };
    }
  } finally {
    history.close();
  }
}

/** The impact's settings that the file holds, without a daemon; those never set are left out. */
export function storedSettings(path: string): Partial<Settings['impact']> {
  const history = new HistoryDatabase(new DatabaseSync(path, { readOnly: true, timeout: 1000 }));
  try {
    return history.setting('impact') ?? {};
  } finally {
    history.close();
  }
}
