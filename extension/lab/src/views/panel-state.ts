import { type ISignal, Signal } from '@lumino/signaling';

const PAGES = ['run', 'history', 'charts', 'impact'] as const;
const SORT_ORDERS = ['notebook', 'cost'] as const;
const CHARTS = ['timeline', 'cells', 'runs', 'compare'] as const;
const FILTERS = ['all', 'failed', 'stale', 'cpu', 'memory', 'gpu', 'other'] as const;

/** The panel's pages. */
export type Page = (typeof PAGES)[number];

/** The charts of the page of that name. */
export type Chart = (typeof CHARTS)[number];

/** How the table is sorted. */
export type SortOrder = (typeof SORT_ORDERS)[number];

/** Which rows the table shows: all, those in need of a look, or those a part took energy in. */
export type RowFilter = (typeof FILTERS)[number];

/** The choices that outlive the page: they are kept with the workspace. */
export type LastingChoices = Pick<PanelChoices, 'page' | 'sort' | 'filter' | 'chart'>;

/** What the user chose in the panel; it outlives the panel being hidden. */
export interface PanelChoices {
  page: Page;
  sort: SortOrder;
  filter: RowFilter;
  chart: Chart;
  /** Ids of the runs to compare, at most two; with fewer the newest two are compared. */
  compared: readonly string[];
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
    chart: 'timeline',
    compared: [],
    expanded: new Set(),
    selected: null
  };
  private pointed = false;

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

  /** What is to be kept with the workspace. */
  get lasting(): LastingChoices {
    const { page, sort, filter, chart } = this._choices;
    return { page, sort, filter, chart };
  }

  /** Takes up what was kept; of anything that is no choice of this version the default holds. */
  restore(kept: unknown): void {
    const given = (typeof kept === 'object' && kept !== null ? kept : {}) as Record<
      string,
      unknown
    >;
    const one = <T>(list: readonly T[], value: unknown, otherwise: T): T =>
      list.find(item => item === value) ?? otherwise;
    this.set({
      page: one(PAGES, given['page'], 'run'),
      sort: one(SORT_ORDERS, given['sort'], 'notebook'),
      filter: one(FILTERS, given['filter'], 'all'),
      chart: one(CHARTS, given['chart'], 'timeline')
    });
  }

  /** Goes to the row of a cell, with the keyboard as well, whatever page and filter hid it. */
  pointAt(cellId: string): void {
    this.pointed = true;
    this.set({ page: 'run', filter: 'all', selected: cellId });
  }

  /** Whether the keyboard is to go to the selected row; true once for each `pointAt`. */
  takePointed(): boolean {
    const { pointed } = this;
    this.pointed = false;
    return pointed;
  }

  /** Shows the blocks of a row, or hides them. */
  toggle(key: string): void {
    const expanded = new Set(this._choices.expanded);
    if (!expanded.delete(key)) expanded.add(key);
    this.set({ expanded });
  }
}
