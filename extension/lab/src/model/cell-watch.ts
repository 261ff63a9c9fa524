import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { type CellInfo, firstLine } from './cells';
import { sha256 } from './sha256';

interface Known {
  line: string;
  sha256: string | null;
  /** What was told of the cell last; the same object for as long as it says the same. */
  info: CellInfo | null;
}

/** Follows the code cells of a notebook: their order, first lines and hashes. */
export class CellWatch implements IDisposable {
  private readonly _changed = new Signal<this, void>(this);
  private readonly known = new Map<ICellModel, Known>();
  private hashing: ReturnType<typeof setTimeout> | null = null;
  private list: CellInfo[] | null = null;

  /**
   * Begins to follow a notebook.
   * @param notebook The notebook's model, shared by all its views.
   * @param settleMs How long edits must rest before hashes are computed again.
   */
  constructor(
    private readonly notebook: INotebookModel,
    private readonly settleMs = 250
  ) {
    notebook.cells.changed.connect(this.onList);
    this.onList();
  }

  /** Whether the watch has been disposed. */
  isDisposed = false;

  /** Emitted when a cell came, went, moved or has another source. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The code cells in the notebook's order. */
  get cells(): readonly CellInfo[] {
    this.list ??= this.read();
    return this.list;
  }

  /** Stops following. */
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    if (this.hashing !== null) clearTimeout(this.hashing);
    this.notebook.cells.changed.disconnect(this.onList);
    for (const cell of this.known.keys()) cell.contentChanged.disconnect(this.onEdit);
    this.known.clear();
    Signal.clearData(this);
  }

  private readonly onList = (): void => {
    const present = new Set<ICellModel>();
    for (const cell of this.notebook.cells) {
      if (cell.type !== 'code') continue;
      present.add(cell);
      if (!this.known.has(cell)) {
        cell.contentChanged.connect(this.onEdit);
        this.known.set(cell, learn(cell));
      }
    }
    for (const cell of this.known.keys()) {
      if (present.has(cell)) continue;
      cell.contentChanged.disconnect(this.onEdit);
      this.known.delete(cell);
    }
    this.touch(0);
  };

  private readonly onEdit = (cell: ICellModel): void => {
    this.known.set(cell, learn(cell));
    this.touch(this.settleMs);
  };

  private touch(delayMs: number): void {
    this.list = null;
    this._changed.emit();
    if (this.hashing !== null) clearTimeout(this.hashing);
    this.hashing = setTimeout(() => {
      this.hashing = null;
      void this.hash();
    }, delayMs);
  }

  private async hash(): Promise<void> {
    const waiting = [...this.known].filter(([, known]) => known.sha256 === null);
    for (const [cell, known] of waiting) {
      known.sha256 = await sha256(cell.sharedModel.getSource());
      known.info = null;
    }
    if (this.isDisposed || waiting.length === 0) return;
    this.list = null;
    this._changed.emit();
  }

  private read(): CellInfo[] {
    const seen = new Map<string, number>();
    const list: CellInfo[] = [];
    let index = -1;
    for (const cell of this.notebook.cells) {
      index += 1;
      const known = this.known.get(cell);
      if (!known) continue;
      const times = seen.get(cell.id) ?? 0;
      seen.set(cell.id, times + 1);
      const key = times === 0 ? cell.id : `${cell.id}#${times}`;
      if (known.info?.key !== key || known.info.index !== index) {
        known.info = { key, id: cell.id, index, line: known.line, sha256: known.sha256 };
      }
      list.push(known.info);
    }
    return list;
  }
}

function learn(cell: ICellModel): Known {
  return { line: firstLine(cell.sharedModel.getSource()), sha256: null, info: null };
}
