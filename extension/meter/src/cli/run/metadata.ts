import { readFileSync, writeFileSync } from 'node:fs';
import type { Energy } from '../../execution.ts';
import type { Methods } from './methods.ts';
import type { MeanEnergy } from './repetitions.ts';
import type { RunReport } from './report.ts';

interface Notebook {
  cells: { metadata: Record<string, unknown> }[];
  metadata: Record<string, unknown>;
}

/** The energy of a run of one or several repetitions. */
export interface RunEnergy {
  /** Of the last repetition, whose outputs the notebook holds. */
  report: RunReport;
  /** Of the whole notebook. */
  total: Energy | MeanEnergy;
  /** Means by index of the cell; a cell that is not among them keeps the last repetition's energy. */
  cells: ReadonlyMap<number, MeanEnergy>;
  methods: Methods;
}

/**
 * Writes the energy of a run into an executed notebook: `joulebook` in the metadata of each cell and
 * of the notebook. The execution's id and the hash of its source tell when it has become stale.
 * @param path A notebook of format 4, changed in place.
 */
export function writeMetadata(path: string, { report, total, cells, methods }: RunEnergy): void {
  const notebook = JSON.parse(readFileSync(path, 'utf8')) as Notebook;
  for (const { index, execution } of report.cells) {
    const cell = notebook.cells[index];
    if (cell === undefined || execution === null) continue;
    const { id, source_sha256, started_at, ended_at, policy, domains } = execution;
    cell.metadata['joulebook'] = {
      id,
      source_sha256,
      started_at,
      ended_at,
      policy,
      total: cells.get(index) ?? execution.total,
      domains
    };
  }
  notebook.metadata['joulebook'] = { total, methods };
  // As nbformat writes it, so that a diff shows only what changed.
  writeFileSync(path, `${JSON.stringify(notebook, null, 1)}\n`);
}
