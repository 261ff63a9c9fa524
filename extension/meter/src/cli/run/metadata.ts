import { readFileSync, writeFileSync } from 'node:fs';
import type { Energy, Execution } from '../../execution.ts';
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
 * of the notebook. The execution's id and the hash of its source tell when it has become stale. A
 * cell whose end the meter did not tell has only `total`, with the reason why it is missing.
 * @param path A notebook of format 4, changed in place.
 */
export function writeMetadata(path: string, { report, total, cells, methods }: RunEnergy): void {
  const notebook = JSON.parse(readFileSync(path, 'utf8')) as Notebook;
  for (const run of report.cells) {
    const cell = notebook.cells[run.index];
    if (cell === undefined) continue;
    const energy = cells.get(run.index) ?? report.energyOf(run);
    const execution = report.unmetered.includes(run) ? null : run.execution;
    // A missing energy takes the place of one that an earlier run has left there.
    cell.metadata['joulebook'] =
      execution === null ? { total: energy } : entryOf(execution, energy);
  }
  notebook.metadata['joulebook'] = { total, methods };
  // As nbformat writes it, so that a diff shows only what changed.
  writeFileSync(path, `${JSON.stringify(notebook, null, 1)}\n`);
}

function entryOf(execution: Execution, total: Energy) {
  const { id, source_sha256, started_at, ended_at, policy, domains } = execution;
  return { id, source_sha256, started_at, ended_at, policy, total, domains };
}
