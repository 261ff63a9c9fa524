import { coefficient, type CarbonRecord } from 'kernel-helpers/impact';
import type { Execution } from '../execution.ts';

/** Services change their figures no faster. */
const askEveryMs = 10 * 60_000;

/** Tells what the grid emits now; null where no service does. Never throws. */
export type AskCarbon = () => Promise<CarbonRecord | null>;

interface Watched {
  /** One for each time that a service described while the execution ran. */
  readonly told: CarbonRecord[];
  askedAt: number;
  asking: Promise<void>;
}

/** Notes what the grid emits while executions run, so that their carbon is the same whenever it is looked at. */
export class CarbonWatch {
  readonly #ask: AskCarbon;
  readonly #watched = new Map<string, Watched>();

  /**
   * Watches nothing yet.
   * @param ask As `Impact.record`.
   */
  constructor(ask: AskCarbon) {
    this.#ask = ask;
  }

  /** A running execution with what is known by now; asks for more when the last answer is old. */
  running(execution: Execution): Execution {
    return withCarbon(execution, this.#look(execution.id).told);
  }

  /**
   * An ended execution with what is known by now.
   * @param later Told once more when the answer for a short one comes after its end.
   */
  ended(execution: Execution, later: (execution: Execution) => void): Execution {
    const { told, asking } = this.#look(execution.id);
    this.#watched.delete(execution.id);
    if (told.length === 0) {
      void asking.then(() => {
        if (told.length > 0) later(withCarbon(execution, told));
      });
    }
    return withCarbon(execution, told);
  }

  #look(id: string): Watched {
    const watched = this.#watched.get(id) ?? {
      ...{ told: [], askedAt: -Infinity, asking: Promise.resolve() }
    };
    this.#watched.set(id, watched);
    if (performance.now() - watched.askedAt >= askEveryMs) {
      watched.askedAt = performance.now();
      watched.asking = this.#ask().then(record => {
        if (record !== null && record.at !== watched.told.at(-1)?.at) watched.told.push(record);
      });
    }
    return watched;
  }
}

function withCarbon(execution: Execution, told: readonly CarbonRecord[]): Execution {
  const last = told.at(-1);
  if (last === undefined) return execution;
  // Another zone or service was set meanwhile: the figures of both are no mean of anything.
  const same = told.filter(({ zone, service }) => zone === last.zone && service === last.service);
  const mean = (end: 'value' | 'low' | 'high') =>
    same.reduce((sum, record) => sum + record[end], 0) / same.length;
  const ends = { value: mean('value'), low: mean('low'), high: mean('high') };
  return { ...execution, carbon: { ...last, ...coefficient({ ...last, ...ends }) } };
}
