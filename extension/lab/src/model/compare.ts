import type { Energy, Execution } from '../api/types';
import type { CellInfo } from './cells';
import type { Run } from './runs';

/** How one cell fared in two runs. */
export interface CellDifference {
  /** The cell's id, or the hash of its source where it has none. */
  key: string;
  /** The first line of its code; null when the cell is no longer in the notebook. */
  line: string | null;
  before: Energy | null;
  after: Energy | null;
  /** After less before, with the interval of the difference; null when one has no figure. */
  change: { joules: number; low: number; high: number } | null;
  /** Whether the interval of the difference leaves out zero. */
  exceeds: boolean;
}

/**
 * Sets two runs side by side, cell by cell; where a cell ran several times its last one counts.
 * @param cells The notebook as it stands, for the order and the first lines.
 */
export function compareRuns(cells: readonly CellInfo[], before: Run, after: Run): CellDifference[] {
  const first = lastByCell(before);
  const second = lastByCell(after);
  const known = new Map(cells.map(cell => [cell.id, cell]));
  const order = (key: string): number => known.get(key)?.index ?? Number.MAX_SAFE_INTEGER;
  const keys = [...new Set([...first.keys(), ...second.keys()])];
  keys.sort((a, b) => order(a) - order(b));
  return keys.map(key => {
    const a = first.get(key)?.total ?? null;
    const b = second.get(key)?.total ?? null;
    const change = a && b ? difference(a, b) : null;
    return {
      key,
      line: known.get(key)?.line ?? null,
      before: a,
      after: b,
      change,
      exceeds: change !== null && (change.low > 0 || change.high < 0)
    };
  });
}

/** The runs to set side by side, the earlier first: two that were chosen, else the newest two. */
export function runsToCompare(
  runs: readonly Run[],
  chosen: readonly string[]
): readonly [Run, Run] | null {
  const picked = runs.filter(run => chosen.includes(run.id));
  const [before, after] = picked.length === 2 ? picked : runs.slice(-2);
  return before && after ? [before, after] : null;
}

/**
 * One energy less another, in joules. The deviations are combined as those of independent values, as
 * measured ones are. Two figures of one model share most of its error where the load is alike, as it
 * is for a cell that runs again: then the interval is wider than needed, and `sharesError` says so.
 * @returns Null when either has no figure.
 */
export function difference(a: Energy, b: Energy): CellDifference['change'] {
  if (a.joules === null || b.joules === null) return null;
  const joules = b.joules - a.joules;
  const up = Math.hypot((b.high ?? b.joules) - b.joules, a.joules - (a.low ?? a.joules));
  const down = Math.hypot(b.joules - (b.low ?? b.joules), (a.high ?? a.joules) - a.joules);
  return { joules, low: joules - down, high: joules + up };
}

/** Whether some change is between two modelled figures, whose common error its interval holds in full. */
export function sharesError(
  differences: readonly Pick<CellDifference, 'before' | 'after'>[]
): boolean {
  return differences.some(
    ({ before, after }) => before?.kind === 'modelled' && after?.kind === 'modelled'
  );
}

function lastByCell(run: Run): Map<string, Execution> {
  const last = new Map<string, Execution>();
  for (const execution of run.executions) {
    last.set(execution.cell_id ?? execution.source_sha256 ?? execution.id, execution);
  }
  return last;
}
