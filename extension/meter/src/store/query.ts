import type { SQLInputValue } from 'node:sqlite';
import type { ExecutionStatus } from '../execution.ts';
import { microsecondsOf } from './rows.ts';

/** Which executions to list; an absent field does not filter. */
export interface ExecutionQuery {
  /** Absolute path. */
  notebook?: string;
  kernelId?: string;
  status?: ExecutionStatus;
  /** ISO 8601: started at or after. */
  since?: string;
  /** ISO 8601: started before. */
  until?: string;
  /** Continue after this execution, in the direction of `order`. */
  afterId?: string;
  /** Most executions to list. @default 1000 */
  limit?: number;
  /** By start time. @default 'asc' */
  order?: 'asc' | 'desc';
}

/** Where a page begins: the start time in Unix µs and the id of the last execution seen. */
export interface Cursor {
  startedUs: number;
  id: string;
}

/** The columns that `executionOf` reads, joined; every query of executions starts with it. */
export const selectExecutions = `
  SELECT executions.*, kernels.kernel_id, kernels.kernel_name, notebooks.path AS notebook
  FROM executions
  JOIN kernels ON kernels.key = executions.kernel
  LEFT JOIN notebooks ON notebooks.key = executions.notebook`;

/**
 * Builds the statement of a query. Every filter is a parameter, so that nothing of the caller's
 * becomes SQL.
 * @param cursor The execution of `afterId`, already looked up.
 */
export function statementOf(
  query: ExecutionQuery,
  cursor: Cursor | undefined
): { sql: string; parameters: Record<string, SQLInputValue> } {
  const conditions: string[] = [];
  const parameters: Record<string, SQLInputValue> = { limit: query.limit ?? 1000 };
  const where = (condition: string, name: string, value: SQLInputValue) => {
    conditions.push(condition);
    parameters[name] = value;
  };
  if (query.notebook !== undefined) {
    const key = '(SELECT key FROM notebooks WHERE path = :notebook)';
    // The plus keeps SQLite off an index: a kernel is narrower, and its index holds the notebook too.
    const plus = query.kernelId === undefined ? '' : '+';
    where(`${plus}executions.notebook = ${key}`, 'notebook', query.notebook);
  }
  if (query.kernelId !== undefined) {
    const key = '(SELECT key FROM kernels WHERE kernel_id = :kernel_id)';
    where(`executions.kernel = ${key}`, 'kernel_id', query.kernelId);
  }
  if (query.status !== undefined) {
    const narrower = query.notebook !== undefined || query.kernelId !== undefined;
    where(`${narrower ? '+' : ''}status = :status`, 'status', query.status);
  }
  if (query.since !== undefined)
    where('started_us >= :since', 'since', microsecondsOf(query.since));
  if (query.until !== undefined) where('started_us < :until', 'until', microsecondsOf(query.until));
  const descending = query.order === 'desc';
  if (cursor !== undefined) {
    where(
      `(started_us, id) ${descending ? '<' : '>'} (:after_us, :after_id)`,
      'after_id',
      cursor.id
    );
    parameters['after_us'] = cursor.startedUs;
  }
  const direction = descending ? 'DESC' : 'ASC';
  const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const order = `ORDER BY started_us ${direction}, id ${direction}`;
  return { sql: `${selectExecutions} ${filter} ${order} LIMIT :limit`, parameters };
}
