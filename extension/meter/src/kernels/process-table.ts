import { monotonicNs } from '../clock.ts';
import { newestPid, processIds, readStat } from './proc.ts';

/** A process may change its parent or session soon after it starts: it is looked at again meanwhile. */
const youngNs = 2_000_000_000;
/** Trees that grow one after another share a look. */
const freshNs = 5_000_000;

interface Row {
  session: number;
  parents: Set<number>;
  sinceNs: number;
}

/**
 * Every process of the system with its parent and its session, for all trees together: each is read
 * a few times at the begin of its life and never again.
 */
export class ProcessTable {
  readonly #rows = new Map<number, Row>();
  #looks = 0;
  #newest: number | undefined;
  #lookedNs = -Infinity;
  #youngUntilNs = -Infinity;

  /**
   * Processes that are no members of a tree yet, but whose parent is or that are of this session.
   * @param session Undefined: the tree has none of its own.
   */
  joining(isMember: (pid: number) => boolean, session: number | undefined): [number, number][] {
    const found: [number, number][] = [];
    const joined = new Set<number>();
    // In order of their numbers a parent comes before its children, but for those that begin anew.
    for (const [pid, row] of this.#rows) {
      if (isMember(pid)) continue;
      const parent = firstOf(row.parents, id => isMember(id) || joined.has(id));
      if (parent === undefined && row.session !== session) continue;
      joined.add(pid);
      found.push([pid, parent ?? 0]);
    }
    return found;
  }

  /** Looks for new processes; answers how often something may have changed so far. */
  look(): number {
    const nowNs = monotonicNs();
    const newest = newestPid();
    const isQuiet = newest !== undefined && newest === this.#newest && nowNs > this.#youngUntilNs;
    if (isQuiet || nowNs - this.#lookedNs < freshNs) return this.#looks;
    this.#lookedNs = nowNs;
    const listing = processIds();
    // What is known stands; the next look tries again.
    if ('failure' in listing) return this.#looks;
    this.#looks += 1;
    if (newest !== this.#newest) this.#youngUntilNs = nowNs + youngNs;
    this.#newest = newest;
    const pids = new Set(listing.pids);
    for (const pid of this.#rows.keys()) if (!pids.has(pid)) this.#rows.delete(pid);
    for (const pid of pids) {
      const row = this.#rows.get(pid);
      if (row && nowNs - row.sinceNs > youngNs) continue;
      const stat = readStat(pid);
      if (!stat) continue;
      const parents = (row?.parents ?? new Set<number>()).add(stat.parent);
      this.#rows.set(pid, { session: stat.session, parents, sinceNs: row?.sinceNs ?? nowNs });
    }
    return this.#looks;
  }
}

function firstOf(ids: Set<number>, holds: (id: number) => boolean): number | undefined {
  for (const id of ids) if (holds(id)) return id;
  return undefined;
}
