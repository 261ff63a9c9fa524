import type { INotebookModel } from '@jupyterlab/notebook';
import type { NotebookView } from './rows';

/** Under which key a cell's metadata holds its energy. */
export const METADATA_KEY = 'joulebook';

/** What a cell's metadata says of its latest execution; energies in joules. */
export interface CellMetadata {
  joules: number | null;
  low: number | null;
  high: number | null;
  kind: string;
  /** ISO 8601, UTC. */
  date: string;
  /** The daemon's id of the execution. */
  run: string;
  /** Hash of the source that ran; another hash means that the cell was edited since. */
  source_sha256: string | null;
}

/**
 * Writes the energy of each executed cell into its metadata; cells that say the same already are
 * left alone, so that files differ only where something ran. A copy of a cell, or the part that was
 * split off one, loses the energy it took along: it never ran.
 * @returns How many cells were written.
 */
export function writeMetadata(model: INotebookModel, view: NotebookView): number {
  let written = 0;
  dropCopies(model, view);
  for (const row of view.latest.values()) {
    const execution = row.execution;
    const cell = model.cells.get(row.index);
    if (!execution || execution.status === 'running' || !cell) continue;
    const held = cell.getMetadata(METADATA_KEY) as Partial<CellMetadata> | undefined;
    if (held?.run === execution.id) continue;
    const { joules, low, high, kind } = execution.total;
    cell.setMetadata(METADATA_KEY, {
      joules: rounded(joules),
      low: rounded(low),
      high: rounded(high),
      kind,
      date: (execution.ended_at ?? execution.started_at).replace(/\.\d+/, ''),
      run: execution.id,
      source_sha256: execution.source_sha256
    } satisfies CellMetadata);
    written += 1;
  }
  return written;
}

function dropCopies(model: INotebookModel, view: NotebookView): void {
  const ranAt = new Map<string, number>();
  for (const { execution, index } of view.latest.values()) {
    if (execution) ranAt.set(execution.id, index);
  }
  for (const [index, cell] of [...model.cells].entries()) {
    const held = cell.getMetadata(METADATA_KEY) as Partial<CellMetadata> | undefined;
    const owner = held?.run === undefined ? undefined : ranAt.get(held.run);
    if (owner !== undefined && owner !== index) cell.deleteMetadata(METADATA_KEY);
  }
}

/** Takes the energies out of every cell's metadata and returns how many cells had one. */
export function clearMetadata(model: INotebookModel): number {
  let cleared = 0;
  for (const cell of model.cells) {
    if (cell.getMetadata(METADATA_KEY) === undefined) continue;
    cell.deleteMetadata(METADATA_KEY);
    cleared += 1;
  }
  return cleared;
}

/** Four significant digits: more would be noise in a file's differences. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}
