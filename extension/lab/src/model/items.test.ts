import { cell, execution, measured } from '../fixtures';
import { offsetsOf, tableItems, visibleStretch } from './items';
import type { Row } from './row';
import { ViewBuilder } from './rows';

function rows(): Row[] {
  const blocks = [
    { id: 'outer', parent_id: null, label: 'fit', start_ns: 0, end_ns: 1, total: measured(5, 1) },
    {
      id: 'inner',
      parent_id: 'outer',
      label: 'step',
      start_ns: 0,
      end_ns: 1,
      total: measured(2, 1)
    }
  ];
  const executions = [
    execution('1'),
    execution('2', { total: measured(90, 1), measures: blocks }),
    execution('3', { status: 'error' })
  ];
  return new ViewBuilder().build([cell(1), cell(2), cell(3)], executions, new Map(), new Map())
    .rows;
}
const all = (): boolean => true;

describe('tableItems', () => {
  it('keeps the order of the notebook, or puts the costliest first', () => {
    expect(tableItems(rows(), new Set(), false, all).map(i => i.key)).toEqual([
      'cell-1',
      'cell-2',
      'cell-3'
    ]);
    expect(tableItems(rows(), new Set(), true, all)[0]?.key).toBe('cell-2');
  });
  it('folds blocks out under their cell, each inside the one around it', () => {
    const items = tableItems(rows(), new Set(['cell-2']), false, all);
    expect(items.map(i => i.key)).toEqual([
      'cell-1',
      'cell-2',
      'cell-2/outer',
      'cell-2/inner',
      'cell-3'
    ]);
    expect(items[3]).toMatchObject({ depth: 1 });
  });
  it('filters', () => {
    const failed = tableItems(rows(), new Set(), false, row => row.status === 'error');
    expect(failed.map(i => i.key)).toEqual(['cell-3']);
  });
});

describe('visibleStretch', () => {
  const offsets = offsetsOf(Array.from({ length: 1000 }, () => 50));
  it('draws only what is in sight and a margin', () => {
    expect(visibleStretch(offsets, 5_000, 500, 2)).toEqual({ from: 97, to: 112 });
  });
  it('draws a short list whole', () => {
    const short = offsetsOf(Array.from({ length: 30 }, () => 50));
    expect(visibleStretch(short, 0, 100)).toEqual({ from: 0, to: 30 });
  });
  it('stays inside the list', () => {
    expect(visibleStretch(offsets, 0, 500, 2)).toEqual({ from: 0, to: 12 });
    expect(visibleStretch(offsets, 60_000, 500, 2).to).toBe(1000);
    expect(visibleStretch([0], 0, 500)).toEqual({ from: 0, to: 0 });
  });
});
