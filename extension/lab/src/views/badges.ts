import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import type { Formatter } from '../format/formatter';
import type { NotebookEnergy } from '../model/notebook';
import type { Row } from '../model/row';
import type { BadgePlacement } from '../model/preferences';
import type { IEnergy } from '../tokens';
import { metaText, toneOf } from './row-text';

/** The badges in one view of a notebook: each executed cell says what it cost. */
export class BadgeLayer implements IDisposable {
  private readonly badges = new Map<Cell, HTMLButtonElement>();
  /** What each badge says; a row that is still the same object needs no look. */
  private readonly said = new Map<Cell, Row>();
  private saidBy: Formatter | null = null;
  private saidAt: BadgePlacement | null = null;

  constructor(
    private readonly panel: NotebookPanel,
    private readonly notebook: NotebookEnergy,
    private readonly energy: IEnergy,
    private readonly onOpen: (row: Row) => void
  ) {
    notebook.changed.connect(this.update);
    energy.preferences.changed.connect(this.update);
    energy.impact.changed.connect(this.update);
    this.update();
  }

  /** Whether the layer has been taken away. */
  isDisposed = false;

  /** Takes all badges away. */
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.notebook.changed.disconnect(this.update);
    this.energy.preferences.changed.disconnect(this.update);
    this.energy.impact.changed.disconnect(this.update);
    for (const badge of this.badges.values()) take(badge);
    this.badges.clear();
  }

  /** Brings every badge in line with the notebook as it stands. */
  private readonly update = (): void => {
    const placement = this.energy.preferences.values.badges;
    const rows = new Map<number, Row>();
    if (placement !== 'off') {
      for (const row of this.notebook.view.latest.values()) rows.set(row.index, row);
    }
    const format = this.energy.formatter();
    if (format !== this.saidBy || placement !== this.saidAt) this.said.clear();
    this.saidBy = format;
    this.saidAt = placement;
    const present = new Set<Cell>();
    this.panel.content.widgets.forEach((cell, index) => {
      const row = rows.get(index);
      if (!row || cell.model.type !== 'code') return;
      present.add(cell);
      if (this.said.get(cell) === row) return;
      this.said.set(cell, row);
      const badge = this.badges.get(cell) ?? this.create(cell);
      fill(badge, row, format, this.energy);
      badge.classList.toggle('jbk-mod-inside', placement === 'inside');
    });
    for (const [cell, badge] of this.badges) {
      if (present.has(cell)) continue;
      take(badge);
      this.badges.delete(cell);
      this.said.delete(cell);
    }
  };

  private create(cell: Cell): HTMLButtonElement {
    const badge = document.createElement('button');
    badge.type = 'button';
    badge.append(document.createElement('span'), ' ', document.createElement('small'));
    badge.addEventListener('click', () => {
      const index = this.panel.content.widgets.indexOf(cell);
      for (const row of this.notebook.view.latest.values()) {
        if (row.index === index) this.onOpen(row);
      }
    });
    this.badges.set(cell, badge);
    void cell.ready.then(() => {
      if (!cell.isDisposed && this.badges.get(cell) === badge) place(cell, badge);
    });
    return badge;
  }
}

/** After the input's own children: JupyterLab places those by their position among the nodes. */
function place(cell: Cell, badge: HTMLElement): void {
  const line = badge.parentElement ?? document.createElement('div');
  line.className = 'jbk-BadgeLine';
  line.append(badge);
  cell.inputArea?.node.closest('.jp-Cell-inputWrapper')?.append(line);
}

function take(badge: HTMLElement): void {
  (badge.parentElement ?? badge).remove();
}

function fill(badge: HTMLButtonElement, row: Row, format: Formatter, energy: IEnergy): void {
  const { trans } = energy;
  const text = format.energy(row.energy);
  const meta = metaText(row, format, trans);
  const live = row.status === 'running';
  const ran = row.execution !== null;
  const waits = row.status === 'queued' ? trans.__('waiting') : trans.__('not run');
  const value = ran ? text.value : waits;
  const beside = live ? trans.__('and counting') : text.interval;
  const origin = row.earlier ? trans.__('measured before the kernel was started again') : '';
  const meaning = [
    row.execution
      ? trans.__('Energy of this cell: %1', format.meaning(row.energy, [row.execution]))
      : '',
    meta,
    origin
  ]
    .filter(Boolean)
    .join(' · ');
  const names = ['jbk-Badge', `jbk-tone-${toneOf(row)}`];
  if (row.stale || row.earlier) names.push('jbk-mod-stale');
  if (badge.classList.contains('jbk-mod-inside')) names.push('jbk-mod-inside');
  set(badge, 'class', names.join(' '));
  set(badge, 'aria-label', meaning);
  set(badge, 'data-meaning', meaning);
  set(badge, 'data-cell-id', row.cellId);
  set(badge, 'data-status', row.status);
  set(badge, 'data-kind', row.energy.kind);
  set(badge, 'data-joules', row.energy.joules === null ? null : String(row.energy.joules));
  const [main, small] = badge.children;
  if (main && main.textContent !== value) main.textContent = value;
  if (small && small.textContent !== beside) small.textContent = beside;
}

/** Touches the page only where something differs. */
function set(node: HTMLElement, name: string, value: string | null): void {
  if (node.getAttribute(name) === value) return;
  if (value === null) node.removeAttribute(name);
  else node.setAttribute(name, value);
}
