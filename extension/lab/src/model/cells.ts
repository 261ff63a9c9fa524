import type { Execution } from '../api/types';

/** A code cell as far as energy is concerned. */
export interface CellInfo {
  /** Unique in the notebook even where ids are not. */
  key: string;
  id: string;
  /** Position among all cells of the notebook, from 0. */
  index: number;
  /** The first line of code, for people to recognise the cell by. */
  line: string;
  /** Hash of the source as it stands; null until it has been computed. */
  sha256: string | null;
}

/** Which executions belong to which cell; `orphans` belong to none of them any more. */
export interface Assignment {
  byCell: Map<string, Execution[]>;
  orphans: Execution[];
}

/**
 * Finds the cell of each execution: by its id, and where nobody told the id (a notebook run without
 * a front end, a file without ids) by the hash of the source, equal cells in their order.
 */
export function assign(cells: readonly CellInfo[], executions: readonly Execution[]): Assignment {
  const byId = group(cells, cell => cell.id);
  const byHash = group(cells, cell => cell.sha256);
  const turns = new Map<string, number>();
  const byCell = new Map<string, Execution[]>();
  const orphans: Execution[] = [];
  for (const execution of executions) {
    const hash = execution.source_sha256;
    const named = execution.cell_id === null ? [] : (byId.get(execution.cell_id) ?? []);
    let cell = named.find(candidate => candidate.sha256 === hash) ?? named[0];
    if (!cell && hash !== null) {
      const equal = byHash.get(hash) ?? [];
      const turn = turns.get(hash) ?? 0;
      turns.set(hash, turn + 1);
      cell = equal[turn % Math.max(1, equal.length)];
    }
    if (!cell) orphans.push(execution);
    else put(byCell, cell.key, execution);
  }
  return { byCell, orphans };
}

/** The line by which a cell is recognised: its first line of code, else its first comment. */
export function firstLine(source: string): string {
  const lines = source
    .slice(0, 2_000)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  const code = lines.find(line => !/^(\/\/|#(?!!)|\/\*|\*)/.test(line));
  return (code ?? lines[0] ?? '').slice(0, 200);
}

function group(
  cells: readonly CellInfo[],
  keyOf: (cell: CellInfo) => string | null
): Map<string, CellInfo[]> {
  const groups = new Map<string, CellInfo[]>();
  for (const cell of cells) {
    const key = keyOf(cell);
    if (key !== null) put(groups, key, cell);
  }
  return groups;
}

function put<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
