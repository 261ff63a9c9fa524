import { type ISignal, Signal } from '@lumino/signaling';

/** The panel's pages. */
export type Page = 'run' | 'history' | 'charts' | 'impact';

/** How the table is sorted. */
export type SortOrder = 'notebook' | 'cost';

/** Which rows the table shows: all, those in need of a look, or those a part took energy in. */
export type RowFilter = 'all' | 'failed' | 'stale' | 'cpu' | 'memory' | 'gpu' | 'other';

/** What the user chose in the panel; it outlives the panel being hidden. */
export interface PanelChoices {
  page: Page;
  sort: SortOrder;
  filter: RowFilter;
  /** Keys of the rows whose `measure()` blocks are shown. */
  expanded: ReadonlySet<string>;
  /** The id of the cell to point at; null for none. */
  selected: string | null;
}

/** Holds the panel's choices and tells when they change. */
export class PanelState {
  private readonly _changed = new Signal<this, PanelChoices>(this);
  private _choices: PanelChoices = {
    page: 'run',
    sort: 'notebook',
    filter: 'all',
    expanded: new Set(),
    selected: null
  };

  /** Emitted after each change. */
  get changed(): ISignal<this, PanelChoices> {
    return this._changed;
  }

  /** What holds now. */
  get choices(): PanelChoices {
    return this._choices;
  }

  /** Changes some choices and leaves the others. */
  set(change: Partial<PanelChoices>): void {
    this._choices = { ...this._choices, ...change };
    this._changed.emit(this._choices);
  }

  /** Shows the blocks of a row, or hides them. */
  toggle(key: string): void {
    const expanded = new Set(this._choices.expanded);
    if (!expanded.delete(key)) expanded.add(key);
    this.set({ expanded });
  }
}
