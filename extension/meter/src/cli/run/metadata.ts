import { readFileSync, writeFileSync } from 'node:fs';
import type { RunReport } from './report.ts';

interface Notebook {
  cells: { metadata: Record<string, unknown> }[];
  metadata: Record<string, unknown>;
}

/**
 * Writes the energy of a run into an executed notebook: `joulebook` in the metadata of each cell and
 * of the notebook. The execution's id and the hash of its source tell when it has become stale.
 * @param path A notebook of format 4, changed in place.
 */
export function writeMetadata(path: string, report: RunReport): void {
  const notebook = JSON.parse(readFileSync(path, 'utf8')) as Notebook;
  for (const { index, execution } of report.cells) {
    const cell = notebook.cells[index];
    if (cell === undefined || execution === null) continue;
    const { id, source_sha256, started_at, ended_at, policy, total, domains } = execution;
    cell.metadata['joulebook'] = {
      id,
      source_sha256,
      started_at,
      ended_at,
      policy,
      total,
      domains
    };
  }
  notebook.metadata['joulebook'] = { total: report.total };
  // As nbformat writes it, so that a diff shows only what changed.
  writeFileSync(path, `${JSON.stringify(notebook, null, 1)}\n`);
}
