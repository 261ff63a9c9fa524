import type { Execution, Label } from '../execution.ts';
import { FallbackHistory, type HistoryOpener, type HistoryState } from './fallback.ts';
import type { HistoryDatabase, StampedExecution } from './history-database.ts';
import type { Cursor, ExecutionQuery } from './query.ts';
import { microsecondsOf } from './rows.ts';
import { isPolicy, type Settings, type SettingsChanges } from './settings.ts';

const dayMs = 86_400_000;
/** A label waits this long for its execution. */
const labelDays = 7;
/** Old executions are deleted in pieces of this size, so that no write waits long. */
const pruneSize = 5000;

/** What the store needs to know of its daemon. */
export interface StoreOptions {
  /** The SQLite file. */
  path: string;
  /** Lock file of the daemon: names the owner of the rows it writes. */
  owner: string;
  /** Id of this boot, see `/proc/sys/kernel/random/boot_id`. */
  boot: string;
  /** The settings where none are stored. */
  defaults: Settings;
  /** Told, in a sentence, when the history cannot be written, is set aside, or is well again. */
  say?: (message: string) => void;
  /** How to open the file. @default `openHistory` */
  open?: HistoryOpener;
}

/**
 * The history of executions. A row is written when an execution starts, again while it runs, and
 * when it ends, so that a daemon that dies loses nothing. Labels may come before or after the row.
 */
export class Store {
  readonly #history: FallbackHistory;
  readonly #options: StoreOptions;
  /** Change numbers of running executions: saving their progress is no change. */
  readonly #running = new Map<string, number>();
  #lastChange: number;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#history = new FallbackHistory(options.path, options.say ?? (() => {}), options.open);
    this.#lastChange = Math.max(0, ...this.#history.read(database => database.lastChange()));
  }

  /** How the history is doing. */
  get state(): HistoryState {
    return this.#history.state;
  }

  /** The number of the last start, end or late label; 0 before the first. */
  get lastChange(): number {
    return this.#lastChange;
  }

  /**
   * Stores a start or an end.
   * @returns the execution with its label, and the number of the change.
   */
  record(execution: Execution): { execution: Execution; change: number } {
    const labelled = this.labelled(execution);
    const change = this.#nextChange();
    if (execution.status === 'running') this.#running.set(execution.id, change);
    else this.#running.delete(execution.id);
    this.#put(labelled, change);
    return { execution: labelled, change };
  }

  /** Stores how far a running execution has come. */
  saveProgress(execution: Execution): void {
    const change = this.#running.get(execution.id);
    if (change !== undefined) this.#put(this.labelled(execution), change);
  }

  /** The execution with the notebook and cell that its label names, if there is one. */
  labelled(execution: Execution): Execution {
    const { msg_id, kernel_id } = execution;
    const label = this.#history.read(db => db.labelOf(msg_id, kernel_id)).findLast(found => found);
    return label === undefined ? execution : { ...execution, ...label };
  }

  /**
   * Names the cells of executions stored or to come.
   * @returns those stored whose name changed, each with the number of the change.
   */
  label(labels: Label[], now: Date = new Date()): { execution: Execution; change: number }[] {
    const changed: { execution: Execution; change: number; stamp: StampedExecution['stamp'] }[] =
      [];
    for (const label of labels) {
      for (const { execution, stamp } of this.#merged(database => database.ofMessage(label))) {
        const { notebook, cell_id } = label;
        if (execution.notebook === notebook && execution.cell_id === cell_id) continue;
        const change = this.#nextChange();
        if (this.#running.has(execution.id)) this.#running.set(execution.id, change);
        changed.push({ execution: { ...execution, notebook, cell_id }, change, stamp });
      }
    }
    this.#history.write(database => {
      for (const label of labels) database.putLabel(label, now.getTime() * 1000);
      for (const { execution, change, stamp } of changed) {
        database.put(execution, { ...stamp, change });
      }
    });
    return changed.map(({ execution, change }) => ({ execution, change }));
  }

  /** The execution of this id, or undefined. */
  get(id: string): Execution | undefined {
    return this.#history.read(database => database.get(id)?.execution).findLast(found => found);
  }

  /** Executions that match, in order, at most `query.limit`; none when `query.afterId` is unknown. */
  list(query: ExecutionQuery): Execution[] {
    const cursor = this.#cursorOf(query);
    if (query.afterId !== undefined && cursor === undefined) return [];
    const limit = query.limit ?? 1000;
    // A row of the file may be superseded by one that waits in memory, so ask for as many more.
    const asked = { ...query, limit: limit + this.state.waiting };
    const rows = this.#merged(database => database.list(asked, cursor));
    const sign = query.order === 'desc' ? -1 : 1;
    return rows
      .map(({ execution }) => execution)
      .sort((a, b) => sign * byStart(a, b))
      .slice(0, limit);
  }

  /** Executions that changed after change number `change`, at most `limit`, in order of change. */
  changesSince(change: number, limit: number): { execution: Execution; change: number }[] {
    return this.#merged(database => database.changesSince(change, limit))
      .map(({ execution, stamp }) => ({ execution, change: stamp.change }))
      .sort((a, b) => a.change - b.change)
      .slice(0, limit);
  }

  /** Executions stored as running, of every daemon that shares the file. */
  unfinished(): StampedExecution[] {
    return this.#merged(database => database.running());
  }

  /** The stored settings, with defaults where none are. */
  settings(): Settings {
    const read = (name: string) =>
      this.#history.read(database => database.setting(name)).findLast(value => value !== undefined);
    const { policy, retention_days, impact } = this.#options.defaults;
    const [storedPolicy, storedDays] = [read('policy'), read('retention_days')];
    const storedImpact = read('impact') as Partial<Settings['impact']> | undefined;
    return {
      policy: isPolicy(storedPolicy) ? storedPolicy : policy,
      retention_days: typeof storedDays === 'number' ? storedDays : retention_days,
      impact: { ...impact, ...storedImpact }
    };
  }

  /** Changes the settings given; returns all. */
  saveSettings({ impact, ...changes }: SettingsChanges): Settings {
    const merged = impact && { ...this.settings().impact, ...impact };
    this.#history.write(database => {
      for (const [name, value] of Object.entries({ ...changes, impact: merged })) {
        if (value !== undefined) database.putSetting(name, value);
      }
    });
    return this.settings();
  }

  /**
   * Deletes executions older than `settings().retention_days`, and labels that nothing claimed.
   * @returns how many executions were deleted.
   */
  prune(now: Date = new Date()): number {
    const days = this.settings().retention_days;
    let deleted = 0;
    this.#history.write(database =>
      database.deleteLabelsBefore((now.getTime() - labelDays * dayMs) * 1000)
    );
    if (days === 0) return deleted;
    const cutoff = new Date(now.getTime() - days * dayMs).toISOString();
    for (let last = pruneSize; last === pruneSize; deleted += last) {
      this.#history.write(database => (last = database.deleteBefore(cutoff, pruneSize)));
    }
    return deleted;
  }

  /** Tries to write what waits in memory; returns whether nothing waits any more. */
  flush(): boolean {
    return this.#history.flush((from, to) => {
      for (const label of from.labels()) to.putLabel(label, Date.now() * 1000);
      for (const name of ['policy', 'retention_days', 'impact']) {
        const value = from.setting(name);
        if (value !== undefined) to.putSetting(name, value);
      }
      for (const { execution, stamp } of from.changesSince(0, Number.MAX_SAFE_INTEGER)) {
        to.put(execution, stamp);
      }
    });
  }

  /** Writes what waits, if it can, and closes the file. */
  close(): void {
    this.flush();
    this.#history.close();
  }

  #put(execution: Execution, change: number): void {
    const { owner, boot } = this.#options;
    this.#history.write(database => database.put(execution, { change, owner, boot }));
  }

  #nextChange(): number {
    // Another daemon on the same file may have counted further.
    this.#lastChange = 1 + Math.max(this.#lastChange, ...this.#history.read(db => db.lastChange()));
    return this.#lastChange;
  }

  #cursorOf(query: ExecutionQuery): Cursor | undefined {
    const execution = query.afterId === undefined ? undefined : this.get(query.afterId);
    return execution && { startedUs: microsecondsOf(execution.started_at), id: execution.id };
  }

  #merged(read: (database: HistoryDatabase) => StampedExecution[]): StampedExecution[] {
    const byId = new Map<string, StampedExecution>();
    const { memory } = this.#history;
    const someWait = this.state.waiting > 0;
    this.#history.read(database => {
      for (const row of read(database)) {
        const { id } = row.execution;
        const superseded = someWait && database !== memory && memory.get(id) !== undefined;
        if (!superseded) byId.set(id, row);
      }
    });
    return [...byId.values()];
  }
}

function byStart(a: Execution, b: Execution): number {
  const difference = microsecondsOf(a.started_at) - microsecondsOf(b.started_at);
  return difference === 0 ? (a.id < b.id ? -1 : 1) : difference;
}
