import { CarbonMean } from 'kernel-helpers/impact';
import type { Energy, Execution } from '../execution.ts';
import { EnergySum } from './energy-sum.ts';
import { secondsOf } from './run/report.ts';

/** The sum of some executions. */
export interface Summary {
  /** What they have in common: a notebook's path or a cell's id; null when it is not known. */
  name: string | null;
  executions: number;
  seconds: number;
  total: Energy;
  /** Executions whose energy is missing: not in `total`. */
  without_energy: number;
  /** ISO 8601, of the last start. */
  last_at: string;
  /** What the grid emitted while they ran. */
  carbon: CarbonMean;
}

/** Adds executions up by a name, in any order and any number. */
export class Summaries {
  readonly #nameOf: (execution: Execution) => string | null;
  readonly #groups = new Map<string | null, Group>();
  readonly #all = new Group();

  constructor(nameOf: (execution: Execution) => string | null) {
    this.#nameOf = nameOf;
  }

  /** Adds an execution. */
  add(execution: Execution): void {
    const name = this.#nameOf(execution);
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = new Group()));
    group.add(execution);
    this.#all.add(execution);
  }

  /** One summary for each name, the costliest first. */
  get groups(): Summary[] {
    return [...this.#groups]
      .map(([name, group]) => group.summary(name))
      .sort((a, b) => (b.total.joules ?? 0) - (a.total.joules ?? 0));
  }

  /** The summary of all. */
  get all(): Summary {
    return this.#all.summary(null);
  }
}

class Group {
  readonly #sum = new EnergySum();
  readonly #carbon = new CarbonMean();
  #executions = 0;
  #seconds = 0;
  #lastAt = '';

  add(execution: Execution): void {
    this.#sum.add(execution.total);
    this.#carbon.add(execution);
    this.#executions++;
    this.#seconds += secondsOf(execution) ?? 0;
    if (execution.started_at > this.#lastAt) this.#lastAt = execution.started_at;
  }

  summary(name: string | null): Summary {
    return {
      name,
      executions: this.#executions,
      seconds: this.#seconds,
      total: this.#sum.total,
      without_energy: this.#sum.missing,
      last_at: this.#lastAt,
      carbon: this.#carbon
    };
  }
}
