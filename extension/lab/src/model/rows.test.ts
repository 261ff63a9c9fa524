import type { Execution } from '../api/types';
import { cell, execution, measured } from '../fixtures';
import type { CellInfo } from './cells';
import { shareOf } from './row';
import { advance, type NotebookView, ViewBuilder } from './rows';

const view = (
  cells: CellInfo[],
  executions: Execution[],
  queued: string[] = [],
  elapsed: [string, number][] = []
): NotebookView => {
  const notRun = new Map(queued.map(id => [id, 'queued' as const]));
  return new ViewBuilder().build(cells, executions, notRun, new Map(elapsed));
};

describe('ViewBuilder', () => {
  it('gives each executed cell its energy, time and mean power', () => {
    const { rows, total, seconds } = view(
      [cell(1), cell(2), cell(3)],
      [execution('1', { total: measured(30, 1) }), execution('2')]
    );
    expect(rows.map(row => row.cellId)).toEqual(['cell-1', 'cell-2']);
    expect(rows[0]).toMatchObject({
      seconds: 1,
      watts: { value: 30, low: 29, high: 31 }
    });
    expect(shareOf(rows[0]!, total.joules)).toBe(0.75);
    expect(total.joules).toBe(40);
    expect(seconds).toBe(2);
  });
  it('marks a cell that was edited since, but not before its hash is known', () => {
    expect(view([cell(1, { sha256: 'other' })], [execution('1')]).rows[0]?.stale).toBe(true);
    expect(view([cell(1, { sha256: null })], [execution('1')]).rows[0]?.stale).toBe(false);
    expect(view([cell(1)], [execution('1')]).rows[0]?.stale).toBe(false);
  });
  it('adds up: rows, repeated and gone make the total', () => {
    const again = execution('3', { cell_id: 'cell-1', source_sha256: 'hash-1' });
    const { rows, repeated, gone, total } = view(
      [cell(1)],
      [execution('1'), execution('2', { cell_id: 'deleted' }), again]
    );
    const shown = rows.reduce((sum, row) => sum + (row.energy.joules ?? 0), 0);
    expect(shown + (repeated.energy.joules ?? 0) + (gone.energy.joules ?? 0)).toBe(total.joules);
    expect([rows.length, repeated.count, gone.count]).toEqual([1, 1, 1]);
    expect(rows[0]).toMatchObject({ times: 2, execution: { id: '3' } });
  });
  it('shows a queued cell as waiting, without the figures of its last execution', () => {
    const [row] = view([cell(1)], [execution('1')], ['cell-1']).rows;
    expect(row).toMatchObject({ status: 'queued', seconds: null, energy: { joules: null } });
  });
  it('counts a running cell with the time it has taken so far', () => {
    const running = execution('1', { status: 'running', end_ns: null });
    const [row] = view([cell(1)], [running], ['cell-1'], [['1', 2]]).rows;
    expect(row).toMatchObject({
      status: 'running',
      seconds: null,
      elapsed: 2,
      watts: { value: 5 }
    });
  });
  it('leaves cells of an earlier run out of table and total, and keeps them for the badges', () => {
    const restarted = execution('3', {
      execution_count: 1,
      cell_id: 'cell-2',
      source_sha256: 'hash-2'
    });
    const { rows, latest, total } = view([cell(1), cell(2)], [execution('1'), restarted]);
    expect(rows.map(row => row.cellId)).toEqual(['cell-2']);
    expect(latest.get('cell-1')?.earlier).toBe(true);
    expect(total.joules).toBe(10);
  });
  it('has no mean power for a cell too short to resolve', () => {
    const short = { ...measured(0.1, 0.1), below: true as const };
    expect(view([cell(1)], [execution('1', { total: short })]).rows[0]?.watts).toBeNull();
  });
  it('is empty for a notebook that never ran', () => {
    expect(view([cell(1)], [])).toMatchObject({ rows: [], total: { joules: null }, seconds: 0 });
  });
});

describe('a row', () => {
  it('stays the same object for as long as nothing about it changes', () => {
    const builder = new ViewBuilder();
    const cells = [cell(1), cell(2)];
    const first = execution('1');
    const none = new Map<string, 'queued'>();
    const before = builder.build(cells, [first], none, new Map());
    const after = builder.build(cells, [first, execution('2')], none, new Map());
    expect(after.rows[0]).toBe(before.rows[0]);
    expect(after.rows).toHaveLength(2);
  });
});

describe('advance', () => {
  const running = execution('2', { status: 'running', end_ns: null });
  const cells = [cell(1), cell(2)];
  const start = view(cells, [execution('1'), running], [], [['2', 1]]);
  it('gives what building anew would give when a running cell goes on', () => {
    const later = { ...running, total: measured(25, 1), idle_joules: 9 };
    const built = view(cells, [execution('1'), later], [], [['2', 2]]);
    expect(advance(start, later, 2)).toEqual(built);
  });
  it('keeps every other row', () => {
    expect(advance(start, { ...running, total: measured(25, 1) }, 2)?.rows[0]).toBe(start.rows[0]);
  });
  it('leaves it to the builder when the row shows something else', () => {
    expect(advance(start, execution('1'), null)).toBeNull();
    expect(advance(start, execution('9'), null)).toBeNull();
  });
});
