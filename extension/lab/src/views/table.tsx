import * as React from 'react';
import { type Item, offsetsOf, type RowTest, tableItems, visibleStretch } from '../model/items';
import type { NotebookEnergy } from '../model/notebook';
import { type Row, shareOf } from '../model/row';
import type { IEnergy } from '../tokens';
import { useSignal, useSize } from './hooks';
import type { PanelState, RowFilter } from './panel-state';
import { toneOf } from './row-text';
import { Line } from './table-row';

/** Heights in multiples of the font size, so that larger fonts get larger lines. */
const CELL_EM = 4.6;
const BLOCK_EM = 2;

/** Which rows each filter keeps. */
const TESTS: Record<RowFilter, RowTest> = {
  all: () => true,
  failed: row => toneOf(row) === 'bad',
  stale: row => row.stale,
  cpu: row => row.split.cpu > 0,
  memory: row => row.split.memory > 0,
  gpu: row => row.split.gpu > 0,
  other: row => row.split.other > 0
};

/** The table of cells; only the lines in sight are in the page. */
export function CellTable(props: {
  energy: IEnergy;
  notebook: NotebookEnergy;
  state: PanelState;
  onActivate: (row: Row) => void;
}): React.JSX.Element {
  const { energy, notebook, state, onActivate } = props;
  useSignal(notebook.changed);
  useSignal(state.changed);
  useSignal(energy.impact.changed);
  const [ref, width, height] = useSize<HTMLDivElement>();
  // Reading a style makes the browser compute it: once for each size is enough.
  const em = React.useMemo(() => fontSize(ref.current), [width, height]);
  const [scroll, setScroll] = React.useState(0);
  const [focused, setFocused] = React.useState<string | null>(null);
  const wanted = React.useRef<string | null>(null);
  const { sort, filter, expanded, selected } = state.choices;
  const view = notebook.view;
  const items = React.useMemo(
    () => tableItems(view.rows, expanded, sort === 'cost', TESTS[filter]),
    [view, expanded, sort, filter]
  );
  const offsets = React.useMemo(
    () =>
      offsetsOf(items.map(item => Math.round(em * (item.type === 'cell' ? CELL_EM : BLOCK_EM)))),
    [items, em]
  );
  const shown = visibleStretch(offsets, scroll, height || 600);
  const current = items.some(item => item.key === focused) ? focused : (items[0]?.key ?? null);
  const format = energy.formatter();
  const toggle = React.useCallback((row: Row) => state.toggle(row.key), [state]);
  const go = (index: number): void => {
    const item = items[Math.max(0, Math.min(items.length - 1, index))];
    if (!item || !ref.current) return;
    setFocused(item.key);
    reveal(ref.current, offsets, items.indexOf(item));
    wanted.current = item.key;
    focusWanted();
  };
  // A line far away comes into the page only with a later rendering.
  const focusWanted = (): void => {
    if (wanted.current !== null && focusLine(ref.current, wanted.current)) wanted.current = null;
  };
  React.useEffect(focusWanted);
  const laidOut = height > 0;
  const chosen = items.findIndex(item => item.type === 'cell' && item.row.cellId === selected);
  React.useEffect(() => {
    if (chosen >= 0 && ref.current) reveal(ref.current, offsets, chosen);
  }, [selected, sort, filter, laidOut]);
  React.useEffect(() => {
    if (state.takePointed() && chosen >= 0) go(chosen);
  });
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const index = items.findIndex(item => item.key === current);
    const item = items[index];
    if (!item || event.altKey || event.ctrlKey || event.metaKey) return;
    const action = keyAction(event.key, item, index, items.length);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (action.type === 'go') go(action.index);
    else if (action.type === 'toggle') state.toggle(item.row.key);
    else onActivate(item.row);
  };
  return (
    <div
      ref={ref}
      role="treegrid"
      className="jbk-Table"
      aria-label={energy.trans.__('Energy of each cell')}
      aria-rowcount={items.length}
      onScroll={event => setScroll(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onFocus={event => setFocused(keyOf(event.target) ?? current)}
    >
      <div
        role="rowgroup"
        className="jbk-Table-content"
        style={{ height: offsets[offsets.length - 1] }}
      >
        {items.slice(shown.from, shown.to).map((item, i) => {
          const index = shown.from + i;
          const top = offsets[index] ?? 0;
          return (
            <Line
              key={item.key}
              item={item}
              position={index + 1}
              top={top}
              height={(offsets[index + 1] ?? 0) - top}
              selected={item.row.cellId === selected}
              // A tenth of a per cent is all that can be seen; finer steps would only draw again.
              share={Math.round(shareOf(item.row, view.total.joules) * 1e3) / 1e3}
              focusable={item.key === current}
              format={format}
              trans={energy.trans}
              onActivate={onActivate}
              onToggle={toggle}
            />
          );
        })}
      </div>
    </div>
  );
}

type KeyAction = { type: 'go'; index: number } | { type: 'toggle' } | { type: 'activate' };

function keyAction(key: string, item: Item, index: number, count: number): KeyAction | null {
  const foldable = item.type === 'cell' && Boolean(item.row.execution?.measures.length);
  const open = item.type === 'cell' && item.expanded;
  switch (key) {
    case 'ArrowDown':
      return { type: 'go', index: index + 1 };
    case 'ArrowUp':
      return { type: 'go', index: index - 1 };
    case 'PageDown':
      return { type: 'go', index: index + 8 };
    case 'PageUp':
      return { type: 'go', index: index - 8 };
    case 'Home':
      return { type: 'go', index: 0 };
    case 'End':
      return { type: 'go', index: count - 1 };
    case 'ArrowRight':
      return foldable && !open ? { type: 'toggle' } : null;
    case 'ArrowLeft':
      return foldable && open ? { type: 'toggle' } : null;
    case 'Enter':
    case ' ':
      return { type: 'activate' };
    default:
      return null;
  }
}

function fontSize(node: HTMLElement | null): number {
  const size = node ? parseFloat(getComputedStyle(node).fontSize) : NaN;
  return Number.isFinite(size) ? size : 13;
}

function reveal(node: HTMLElement, offsets: readonly number[], index: number): void {
  const top = offsets[index] ?? 0;
  const bottom = offsets[index + 1] ?? top;
  if (top < node.scrollTop) node.scrollTop = top;
  else if (bottom > node.scrollTop + node.clientHeight) node.scrollTop = bottom - node.clientHeight;
}

function focusLine(node: HTMLElement | null, key: string): boolean {
  const lines = [...(node?.querySelectorAll<HTMLElement>('[data-key]') ?? [])];
  const line = lines.find(({ dataset }) => dataset.key === key);
  line?.focus();
  return line !== undefined;
}

function keyOf(target: EventTarget): string | undefined {
  return target instanceof HTMLElement
    ? target.closest<HTMLElement>('[data-key]')?.dataset.key
    : undefined;
}
