import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Execution, Label } from '../execution.ts';
import { selectExecutions, statementOf, type Cursor, type ExecutionQuery } from './query.ts';
import { executionOf, microsecondsOf, parametersOf } from './rows.ts';

/** Who wrote a row, in which boot, and the number of its last change. */
export interface RowStamp {
  change: number;
  /** Lock file of the daemon. */
  owner: string;
  /** Id of the boot that `start_ns` counts from. */
  boot: string;
}

/** An execution with its stamp. */
export interface StampedExecution {
  execution: Execution;
  stamp: RowStamp;
}

/** The statements of the history on one SQLite database, file or memory. Synchronous. */
export class HistoryDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Runs `work` as one transaction: all of it is stored, or nothing. */
  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Inserts the execution or replaces the row of the same id. */
  put(execution: Execution, stamp: RowStamp): void {
    this.#prepare(
      `INSERT INTO kernels (kernel_id, kernel_name) VALUES (:kernel_id, :kernel_name)
       ON CONFLICT (kernel_id) DO UPDATE SET kernel_name = excluded.kernel_name
       WHERE kernel_name <> excluded.kernel_name`
    ).run({ kernel_id: execution.kernel_id, kernel_name: execution.kernel_name });
    if (execution.notebook !== null) this.#addNotebook(execution.notebook);
    this.#prepare(putSql).run({
      ...parametersOf(execution),
      kernel_id: execution.kernel_id,
      notebook: execution.notebook,
      ...stamp
    });
  }

  /** The execution of this id, or undefined. */
  get(id: string): StampedExecution | undefined {
    return this.#select(`${selectExecutions} WHERE executions.id = :id`, { id })[0];
  }

  /** Executions that match, in order. `query.afterId` is ignored: pass its cursor. */
  list(query: ExecutionQuery, cursor: Cursor | undefined): StampedExecution[] {
    const { sql, parameters } = statementOf(query, cursor);
    return this.#select(sql, parameters);
  }

  /** Executions that started or ended after change number `change`, oldest change first. */
  changesSince(change: number, limit: number): StampedExecution[] {
    const where = 'WHERE change > :change ORDER BY change LIMIT :limit';
    return this.#select(`${selectExecutions} ${where}`, { change, limit });
  }

  /** Executions whose end is not stored. */
  running(): StampedExecution[] {
    return this.#select(`${selectExecutions} WHERE status = 'running' ORDER BY started_us`, {});
  }

  /** The executions of one message; more than one only when ids of messages repeat. */
  ofMessage(label: Pick<Label, 'msg_id' | 'kernel_id'>): StampedExecution[] {
    return this.#select(
      `${selectExecutions} WHERE msg_id = :msg_id AND :kernel_id IN ('', kernels.kernel_id)`,
      { msg_id: label.msg_id, kernel_id: label.kernel_id ?? '' }
    );
  }

  /** The highest change number stored, 0 when none is. */
  lastChange(): number {
    const row = this.#prepare('SELECT max(change) AS change FROM executions').get();
    return Number(row?.['change'] ?? 0);
  }

  /** How many executions are stored. */
  count(): number {
    return Number(this.#prepare('SELECT count(*) AS n FROM executions').get()?.['n']);
  }

  /** Keeps a label for executions to come, replacing one of the same message. */
  putLabel(label: Label, labelledUs: number): void {
    this.#prepare(
      `INSERT INTO labels (msg_id, kernel_id, notebook, cell_id, labelled_us)
       VALUES (:msg_id, :kernel_id, :notebook, :cell_id, :labelled_us)
       ON CONFLICT DO UPDATE SET notebook = excluded.notebook, cell_id = excluded.cell_id`
    ).run({
      msg_id: label.msg_id,
      kernel_id: label.kernel_id ?? '',
      notebook: label.notebook,
      cell_id: label.cell_id,
      labelled_us: labelledUs
    });
  }

  /** The label of a message of a kernel, or undefined. */
  labelOf(msgId: string, kernelId: string): Pick<Label, 'notebook' | 'cell_id'> | undefined {
    const row = this.#prepare(
      `SELECT notebook, cell_id FROM labels
       WHERE msg_id = :msg_id AND kernel_id IN (:kernel_id, '') ORDER BY kernel_id DESC`
    ).get({ msg_id: msgId, kernel_id: kernelId });
    if (row === undefined) return undefined;
    return { notebook: String(row['notebook']), cell_id: String(row['cell_id']) };
  }

  /** All labels, for moving them to another database. */
  labels(): Label[] {
    return this.#prepare('SELECT * FROM labels')
      .all()
      .map(row => ({
        msg_id: String(row['msg_id']),
        notebook: String(row['notebook']),
        cell_id: String(row['cell_id']),
        ...(row['kernel_id'] === '' ? {} : { kernel_id: String(row['kernel_id']) })
      }));
  }

  /** The stored value of a setting, or undefined. */
  setting(name: string): unknown {
    const row = this.#prepare('SELECT value FROM settings WHERE name = :name').get({ name });
    return row === undefined ? undefined : JSON.parse(String(row['value']));
  }

  /** Stores a setting as JSON. */
  putSetting(name: string, value: unknown): void {
    this.#prepare(
      `INSERT INTO settings (name, value) VALUES (:name, :value)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`
    ).run({ name, value: JSON.stringify(value) });
  }

  /**
   * Deletes up to `limit` ended executions that started before `cutoff` (ISO 8601); with the last of
   * them up to `limit` notebooks and kernels that no execution names any more.
   * @returns how many executions were deleted.
   */
  deleteBefore(cutoff: string, limit: number): number {
    const { changes } = this.#prepare(
      `DELETE FROM executions WHERE row IN (
         SELECT row FROM executions WHERE started_us < :cutoff AND status <> 'running' LIMIT :limit)`
    ).run({ cutoff: microsecondsOf(cutoff), limit });
    if (Number(changes) < limit) {
      for (const sql of deleteUnnamedSql) this.#prepare(sql).run({ limit });
    }
    return Number(changes);
  }

  /** Deletes labels that came before `cutoffUs` (Unix µs): their executions have them or never came. */
  deleteLabelsBefore(cutoffUs: number): void {
    this.#prepare('DELETE FROM labels WHERE labelled_us < :cutoff').run({ cutoff: cutoffUs });
  }

  /** Empties the database. */
  clear(): void {
    const tables = ['executions', 'labels', 'settings', 'notebooks', 'kernels'];
    this.#database.exec(tables.map(table => `DELETE FROM ${table}`).join('; '));
  }

  /** Closes the database; it cannot be used afterwards. */
  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #addNotebook(path: string): void {
    this.#prepare('INSERT INTO notebooks (path) VALUES (:path) ON CONFLICT DO NOTHING').run({
      path
    });
  }

  #select(sql: string, parameters: Record<string, SQLInputValue>): StampedExecution[] {
    return this.#prepare(sql)
      .all(parameters)
      .map(row => ({
        execution: executionOf(row),
        stamp: {
          change: Number(row['change']),
          owner: String(row['owner']),
          boot: String(row['boot'])
        }
      }));
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

const plainColumns = [
  ...['cell_id', 'msg_id', 'execution_count', 'source_sha256', 'status', 'started_us'],
  ...['started_at', 'ended_at', 'start_ns', 'end_ns', 'policy', 'joules', 'low', 'high', 'kind'],
  ...['idle_joules', 'cpu_seconds', 'read_bytes', 'written_bytes', 'peak_memory_bytes', 'detail'],
  ...['change', 'owner', 'boot']
];

/** Each row costs one look into an index of the executions. */
const deleteUnnamedSql = ['notebook', 'kernel'].map(
  name => `
  DELETE FROM ${name}s WHERE key IN (
    SELECT key FROM ${name}s
    WHERE NOT EXISTS (SELECT 1 FROM executions WHERE ${name} = ${name}s.key) LIMIT :limit)`
);

const putSql = `
  INSERT INTO executions (id, kernel, notebook, ${plainColumns.join(', ')})
  VALUES (
    :id,
    (SELECT key FROM kernels WHERE kernel_id = :kernel_id),
    (SELECT key FROM notebooks WHERE path = :notebook),
    ${plainColumns.map(name => `:${name}`).join(', ')})
  ON CONFLICT (id) DO UPDATE SET
    kernel = excluded.kernel, notebook = excluded.notebook,
    ${plainColumns.map(name => `${name} = excluded.${name}`).join(', ')}`;
