import { NotebookModel } from '@jupyterlab/notebook';
import { cell, execution, measured } from '../fixtures';
import { clearMetadata, METADATA_KEY, writeMetadata } from './metadata';
import { ViewBuilder } from './rows';

function notebook(): NotebookModel {
  const model = new NotebookModel();
  model.fromJSON({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      {
        cell_type: 'code',
        id: 'cell-1',
        source: 'a',
        metadata: { tags: ['x'] },
        outputs: [],
        execution_count: null
      },
      {
        cell_type: 'code',
        id: 'cell-2',
        source: 'b',
        metadata: {},
        outputs: [],
        execution_count: null
      }
    ]
  });
  return model;
}
const ran = new ViewBuilder().build(
  [cell(1, { index: 0 }), cell(2, { index: 1 })],
  [execution('1', { total: measured(12.345678, 0.5) })],
  new Map(),
  new Map()
);

describe('metadata', () => {
  it('says of an executed cell what it cost, when, and for which source', () => {
    const model = notebook();
    expect(writeMetadata(model, ran)).toBe(1);
    expect(model.cells.get(0).getMetadata(METADATA_KEY)).toEqual({
      joules: 12.35,
      low: 11.85,
      high: 12.85,
      kind: 'measured',
      date: '2026-11-23T00:00:03Z',
      run: '1',
      source_sha256: 'hash-1'
    });
    expect(model.cells.get(1).metadata).toEqual({});
  });
  it('leaves a cell alone that says the same already', () => {
    const model = notebook();
    writeMetadata(model, ran);
    expect(writeMetadata(model, ran)).toBe(0);
  });
  it('takes the energy of another cell away from a copy, and leaves one that it knows nothing of', () => {
    const model = notebook();
    writeMetadata(model, ran);
    const copied = model.cells.get(0).getMetadata(METADATA_KEY) as object;
    model.cells.get(1).setMetadata(METADATA_KEY, copied);
    writeMetadata(model, ran);
    expect(model.cells.get(0).getMetadata(METADATA_KEY)).toEqual(copied);
    expect(model.cells.get(1).metadata).toEqual({});
    model.cells.get(1).setMetadata(METADATA_KEY, { ...copied, run: 'of another machine' });
    writeMetadata(model, ran);
    expect(model.cells.get(1).getMetadata(METADATA_KEY)).toMatchObject({ kind: 'measured' });
  });
  it('takes away only what it wrote', () => {
    const model = notebook();
    writeMetadata(model, ran);
    expect(clearMetadata(model)).toBe(1);
    expect(model.cells.get(0).metadata).toEqual({ tags: ['x'] });
    expect(clearMetadata(model)).toBe(0);
  });
});
