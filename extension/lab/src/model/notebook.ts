import type { INotebookModel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Execution, ExecutionQuery } from '../api/types';
import type { CellInfo } from './cells';
import { CellWatch } from './cell-watch';
import { type CellRequest, KernelLabels, type KernelSource, type Settled } from './kernel-labels';
import type { LabelQueue } from './label-queue';
import type { NotRun } from './row';
import { advance, type NotebookView, ViewBuilder } from './rows';
import { inOrder, splitRuns } from './runs';

/** What an open notebook needs of the rest of the page. */
export interface NotebookOptions {
  model: INotebookModel;
  sessionContext: KernelSource;
  /** The notebook's path from the server's root, without a drive. */
  path: string;
  labels: LabelQueue;
  executions: (query: ExecutionQuery) => Promise<Execution[]>;
  /** A date of the daemon on the page's clock, in ms. */
  pageTime: (date: string) => number;
}

const PAGE = 1_000;
/** Changes that come closer together than one frame are shown together. */
const FRAME_MS = 16;

/** One open notebook: its cells, its executions, and what is on its way. */
export class NotebookEnergy implements IDisposable {
  private readonly _changed = new Signal<this, void>(this);
  private readonly _finished = new Signal<this, Execution>(this);
  private readonly executions = new Map<string, Execution>();
  private readonly sent = new Map<string, CellRequest>();
  /** Cells of requests that have not begun, by the requests' ids. */
  private readonly queued = new Map<string, string>();
  /** Cells whose latest request the kernel did not run. */
  private readonly aborted = new Set<string>();
  private readonly elapsed = new Map<string, number>();
  private readonly cells: CellWatch;
  private readonly kernel: KernelLabels;
  private readonly builder = new ViewBuilder();
  private cached: NotebookView | null = null;
  /** All executions, oldest first; null after one was added. */
  private ordered: Execution[] | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private _path: string;
  private _loaded = false;

  constructor(private readonly options: NotebookOptions) {
    this._path = options.path;
    this.cells = new CellWatch(options.model);
    this.cells.changed.connect(this.touch);
    this.kernel = new KernelLabels(options.sessionContext);
    this.kernel.requested.connect(this.onRequest);
    this.kernel.settled.connect(this.onSettled);
    this.kernel.kernelGone.connect(this.onKernelGone);
  }

  /** Whether the notebook was closed. */
  isDisposed = false;

  /** Emitted at most once a frame when `view` differs. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Emitted for each execution that ends while the notebook is open, and again when a later label
   * gives it to another cell; not when the daemon tells the same end once more, as after a rename.
   */
  get finished(): ISignal<this, Execution> {
    return this._finished;
  }

  /** The notebook's path from the server's root. */
  get path(): string {
    return this._path;
  }

  /** The kernel in use; null without one. */
  get kernelId(): string | null {
    return this.kernel.kernelId;
  }

  /** Whether the daemon has told what it stored of this notebook. */
  get loaded(): boolean {
    return this._loaded;
  }

  /** Cells and executions put together as they stand now. */
  get view(): NotebookView {
    if (this.cached) return this.cached;
    const notRun = new Map<string, NotRun>();
    for (const cellId of this.aborted) notRun.set(cellId, 'aborted');
    for (const cellId of this.queued.values()) notRun.set(cellId, 'queued');
    this.ordered ??= inOrder(this.executions.values());
    this.cached = this.builder.build(this.cells.cells, this.ordered, notRun, this.elapsed);
    return this.cached;
  }

  /** The code cells as they stand. */
  get cellList(): readonly CellInfo[] {
    return this.cells.cells;
  }

  /**
   * Asks the daemon for the notebook's newest executions and adds them to those known: a page of
   * them, and as many more as the run in progress has.
   */
  async load(): Promise<void> {
    const found = await this.options.executions({
      notebook: this._path,
      order: 'desc',
      limit: PAGE
    });
    if (this.isDisposed) return;
    this.forgetEnded(found);
    for (const execution of found) if (!this.isOvertaken(execution)) this.put(execution);
    this._loaded = true;
    this.touch();
    let full = found.length === PAGE;
    while (full && splitRuns(inOrder(this.executions.values())).length === 1) {
      full = (await this.loadOlder()) > 0;
    }
  }

  /** Asks for executions older than those known; resolves to how many there were. */
  async loadOlder(): Promise<number> {
    const oldest = inOrder(this.executions.values())[0];
    if (!oldest || this.isDisposed) return 0;
    const found = await this.options.executions({
      notebook: this._path,
      until: oldest.started_at,
      order: 'desc',
      limit: PAGE
    });
    const before = this.executions.size;
    for (const execution of found) this.put(execution);
    this.touch();
    return this.executions.size - before;
  }

  /** Takes an event of the daemon if it concerns this notebook. */
  take(execution: Execution): void {
    if (!this.concerns(execution)) return;
    const known = this.executions.get(execution.id);
    if (this.isOvertaken(execution)) return;
    const held = this.put(execution);
    const waited = this.queued.delete(execution.msg_id);
    const goesOn =
      known?.status === 'running' && held.status === 'running' && known.cell_id === held.cell_id;
    const isNews = known?.status !== held.status || known.cell_id !== held.cell_id;
    if (held.status !== 'running' && isNews) this._finished.emit(held);
    if (goesOn && !waited && this.cached) {
      this.cached = advance(this.cached, held, this.elapsed.get(held.id) ?? null);
      this.announce();
    } else this.touch();
  }

  /** Follows a rename: what was measured goes along. */
  rename(path: string): void {
    if (path === this._path) return;
    this._path = path;
    for (const { msg_id, cell_id, kernel_id } of this.executions.values()) {
      if (cell_id === null) continue;
      this.options.labels.add({ msg_id, notebook: path, cell_id, kernel_id });
    }
    this.touch();
  }

  /** Stops following the notebook. */
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.kernel.dispose();
    this.cells.dispose();
    Signal.clearData(this);
  }

  private concerns(execution: Execution): boolean {
    if (this.sent.has(execution.msg_id) || this.executions.has(execution.id)) return true;
    if (execution.notebook_path) return execution.notebook_path === this._path;
    return execution.notebook === null && execution.kernel_id === this.kernelId;
  }

  /** Events overtake pages that were asked for earlier, and the reverse: an end is never taken back. */
  private isOvertaken({ id, status }: Execution): boolean {
    const known = this.executions.get(id);
    return known !== undefined && known.status !== 'running' && status === 'running';
  }

  private put(execution: Execution): Execution {
    const cellId = execution.cell_id ?? this.sent.get(execution.msg_id)?.cellId ?? null;
    const known = this.executions.get(execution.id);
    // What has ended stays as it is: with the same object, all that was made of it stays too.
    if (known?.ended_at && sameEnd(known, execution) && known.cell_id === cellId) return known;
    const held = { ...execution, cell_id: cellId };
    this.executions.set(execution.id, held);
    this.ordered = null;
    if (execution.status === 'running') {
      const sinceMs = Date.now() - this.options.pageTime(execution.started_at);
      this.elapsed.set(execution.id, Math.max(0, sinceMs / 1e3));
    } else this.elapsed.delete(execution.id);
    return held;
  }

  /** A row that ran when the connection was lost and is stored as ended is no longer running. */
  private forgetEnded(found: readonly Execution[]): void {
    const stored = new Set(found.map(execution => execution.id));
    for (const [id, execution] of this.executions) {
      if (execution.status === 'running' && !stored.has(id)) this.executions.delete(id);
    }
    this.ordered = null;
  }

  private readonly onRequest = (_: KernelLabels, request: CellRequest): void => {
    const { msgId, cellId, kernelId } = request;
    this.sent.set(msgId, request);
    this.queued.set(msgId, cellId);
    this.aborted.delete(cellId);
    this.options.labels.add({
      msg_id: msgId,
      notebook: this._path,
      cell_id: cellId,
      kernel_id: kernelId
    });
    this.touch();
  };

  private readonly onSettled = (_: KernelLabels, { msgId, aborted }: Settled): void => {
    const cellId = this.sent.get(msgId)?.cellId;
    if (aborted && cellId !== undefined) this.aborted.add(cellId);
    if (this.queued.delete(msgId) || aborted) this.touch();
  };

  private readonly onKernelGone = (): void => {
    if (this.queued.size + this.aborted.size === 0) return;
    this.queued.clear();
    this.aborted.clear();
    this.touch();
  };

  private readonly touch = (): void => {
    this.cached = null;
    this.announce();
  };

  private announce(): void {
    if (this.timer !== null || this.isDisposed) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this._changed.emit();
    }, FRAME_MS);
  }
}

function sameEnd(a: Execution, b: Execution): boolean {
  const isSameCarbon = a.carbon?.at === b.carbon?.at;
  return isSameCarbon && a.ended_at === b.ended_at && a.measures.length === b.measures.length;
}
