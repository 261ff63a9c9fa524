import { monotonicNs } from './clock.ts';
import type { ExecutionRecord } from './execution-record.ts';
import type { Execution, Label } from './execution.ts';
import type { TreeUsage } from './kernels/process-tree.ts';
import type { CellWindow } from './kernels/windows.ts';
import { Labels } from './labels.ts';
import type { Ledger, WindowEnergy } from './ledger/ledger.ts';
import type { Domain } from './sensors/sensor.ts';

/** Progress is told this often while somebody looks, else only often enough to be stored. */
const tellNs = 450_000_000;
const tellUnseenNs = 1_950_000_000;
/** That many cells at once are told about as often; more of them less often. */
const fewCells = 8;

/** What cells ask and tell. */
export interface CellsOptions {
  ledger: Ledger;
  domainOf: (sensorId: string) => Domain;
  tell: (what: 'started' | 'progress' | 'finished', execution: Execution) => void;
  /** The power of a cell is known, which it was not before. */
  powerKnown: () => void;
}

/** The cells that run, and those that have ended but wait for their last readings; tells of each how it goes. */
export class Cells {
  readonly #options: CellsOptions;
  readonly #running = new Map<CellWindow, ExecutionRecord>();
  /** Records whose window has closed, and those of no cell after all (undefined). */
  readonly #closing = new Map<string, ExecutionRecord | undefined>();
  readonly #labels = new Labels();
  #toldNs = 0;

  constructor(options: CellsOptions) {
    this.#options = options;
  }

  /** Cells that run. */
  get size(): number {
    return this.#running.size;
  }

  /** Whether readings are still to come for cells that have ended. */
  get areSettling(): boolean {
    return this.#closing.size > 0;
  }

  /** The record of a window while it runs. */
  of(window: CellWindow): ExecutionRecord | undefined {
    return this.#running.get(window);
  }

  /** Names the cell of a message, before or after it runs. */
  label(label: Label): void {
    this.#labels.add(label);
    for (const record of [...this.#running.values(), ...this.#closing.values()]) {
      if (record?.window.msgId === label.msg_id) record.label = label;
    }
  }

  /** A cell begins. */
  add(record: ExecutionRecord): void {
    record.label = this.#labels.of(record.window.msgId);
    this.#running.set(record.window, record);
  }

  /**
   * Tells that a cell has begun. No energy is worked out yet: there is hardly any, and a meter that lags
   * would fall behind further.
   */
  announce(record: ExecutionRecord): void {
    const none = { id: record.id, domains: [], gaps: [] };
    this.#options.tell('started', this.#executionOf(record, none));
  }

  /**
   * A cell ends; it is told once its energy has settled.
   * @param isCell False when it was no cell after all, of which nothing is told.
   */
  end(record: ExecutionRecord, isCell: boolean): void {
    record.finish();
    this.#running.delete(record.window);
    this.#closing.set(record.id, isCell ? record : undefined);
  }

  /** Notes memory in use by what runs in a kernel. */
  sampled(windows: Iterable<CellWindow>, usage: TreeUsage): void {
    for (const window of windows) this.#running.get(window)?.sampled(usage);
  }

  /** Takes a settled window, and tells of the cell that has ended. */
  settled(energy: WindowEnergy): void {
    const record = this.#closing.get(energy.id);
    this.#closing.delete(energy.id);
    if (record) this.#options.tell('finished', this.#executionOf(record, energy));
  }

  /**
   * Tells the progress that is due.
   * @param isWatched Whether somebody looks.
   * @returns whether that of all cells was.
   */
  tellDue(nowNs: number, isWatched: boolean): boolean {
    const unseenNs = tellUnseenNs * Math.max(1, this.#running.size / fewCells);
    const isDue = nowNs - this.#toldNs > (isWatched ? tellNs : unseenNs);
    if (isDue) this.#toldNs = nowNs;
    this.tellProgress(isDue ? Infinity : nowNs);
    return isDue;
  }

  /** Tells how far cells have come: all, or those that are due for their first time. */
  tellProgress(nowNs = Infinity): void {
    for (const record of this.#running.values()) {
      const isFirst = !record.told && nowNs - record.window.startNs > tellNs;
      if (!record.window.announced || !(nowNs === Infinity || isFirst)) continue;
      record.told = true;
      this.#options.tell('progress', this.#preview(record));
    }
  }

  #preview(record: ExecutionRecord): Execution {
    const now = monotonicNs();
    const execution = this.#executionOf(record, this.#options.ledger.preview(record.id, now));
    const seconds = (now - record.window.startNs) / 1e9;
    const { joules } = execution.total;
    const wasUnknown = record.watts === null;
    record.watts = joules === null || seconds <= 0 ? null : joules / seconds;
    if (wasUnknown && record.watts !== null) this.#options.powerKnown();
    return execution;
  }

  #executionOf(record: ExecutionRecord, energy: WindowEnergy): Execution {
    return record.toExecution(energy, this.#options.domainOf);
  }
}
