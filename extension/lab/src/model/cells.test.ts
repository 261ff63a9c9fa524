import { cell, execution } from '../fixtures';
import { assign, firstLine } from './cells';

describe('assign', () => {
  it('goes by the cell id, also when the source has changed', () => {
    const { byCell } = assign([cell(1, { sha256: 'other' })], [execution('1')]);
    expect(byCell.get('cell-1')).toHaveLength(1);
  });
  it('goes by the source where nobody told the id', () => {
    const unlabelled = execution('1', { cell_id: null });
    expect(assign([cell(1)], [unlabelled]).byCell.get('cell-1')).toHaveLength(1);
  });
  it('gives equal sources their executions in turn', () => {
    const cells = [cell(1, { sha256: 'same' }), cell(2, { sha256: 'same' })];
    const same = { cell_id: null, source_sha256: 'same' };
    const { byCell } = assign(cells, [execution('1', same), execution('2', same)]);
    expect(byCell.get('cell-1')?.[0]?.id).toBe('1');
    expect(byCell.get('cell-2')?.[0]?.id).toBe('2');
  });
  it('tells cells of one id apart by their source', () => {
    const cells = [cell(1), cell(2, { id: 'cell-1' })];
    const second = execution('1', { source_sha256: 'hash-2' });
    expect([...assign(cells, [second]).byCell.keys()]).toEqual(['cell-2']);
  });
  it('keeps what belongs to no cell any more', () => {
    const { orphans } = assign([], [execution('1')]);
    expect(orphans).toHaveLength(1);
  });
});

describe('firstLine', () => {
  it('skips comments and empty lines', () => {
    expect(firstLine('\n  // fit\n\n  await fit(model)\n')).toBe('await fit(model)');
    expect(firstLine('# load\nimport os')).toBe('import os');
  });
  it('takes a comment where there is nothing else', () => {
    expect(firstLine('# to do')).toBe('# to do');
    expect(firstLine('')).toBe('');
  });
  it('takes little of a huge cell', () => {
    expect(firstLine('x'.repeat(5e6))).toHaveLength(200);
  });
});
