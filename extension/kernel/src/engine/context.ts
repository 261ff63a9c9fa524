import { AsyncLocalStorage } from 'node:async_hooks';
import type { Header, Json } from '../wire/message.ts';

/** One execution of a cell: what its output, its timers and its late errors belong to. */
export class Execution {
  /** The header of the request, the parent of all that the cell sends. */
  readonly parent: Header | Json;
  /** The number people see in brackets. */
  readonly count: number;
  /** Whether nothing but status is broadcast. */
  readonly silent: boolean;
  /** Whether the front end answers `input()`. */
  readonly allowStdin: boolean;
  /** Where answers on stdin's channel go. */
  readonly identities: Uint8Array[];
  /** What ends each of the cell's timers. */
  readonly timers = new Set<() => void>();
  /** Set by an interrupt: the cell's code ends at its next `await`. */
  cancelled = false;

  constructor(
    request: { header: Header | Json; identities: Uint8Array[] },
    options: { count: number; silent?: boolean; allowStdin?: boolean }
  ) {
    this.parent = request.header;
    this.identities = request.identities;
    this.count = options.count;
    this.silent = options.silent ?? false;
    this.allowStdin = options.allowStdin ?? false;
  }

  /** Ends the cell's timers, and its code at the next `await`. */
  cancel(): void {
    this.cancelled = true;
    for (const clear of this.timers) clear();
    this.timers.clear();
  }
}

const storage = new AsyncLocalStorage<Execution>();
let latest: Execution | undefined;

/** Runs a function as part of an execution; what it starts asynchronously belongs to it too. */
export function runIn<Result>(execution: Execution, run: () => Result): Result {
  latest = execution;
  return storage.run(execution, run);
}

/** The execution that the running code belongs to; the latest one for code of unknown origin. */
export function currentExecution(): Execution | undefined {
  return storage.getStore() ?? latest;
}
