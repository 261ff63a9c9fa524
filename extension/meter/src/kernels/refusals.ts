import { existsSync } from 'node:fs';

/** Connection files that were refused, with the reason; each is told of once. */
export class Refusals {
  readonly #reasons = new Map<string, string>();
  readonly #tell: (what: string) => void;

  /** `tell` gets a line for people when a file is refused for the first time. */
  constructor(tell: (what: string) => void) {
    this.#tell = tell;
  }

  /** Reasons by path. */
  get all(): ReadonlyMap<string, string> {
    return this.#reasons;
  }

  /** A file was refused. */
  add(path: string, reason: string): void {
    const isNew = !this.#reasons.has(path);
    this.#reasons.set(path, reason);
    if (isNew) this.#tell(`refused ${path}: ${reason}`);
  }

  /** A file is good after all. */
  delete(path: string): void {
    this.#reasons.delete(path);
  }

  /** Forgets files that are there no more. */
  forgetGone(): void {
    for (const path of this.#reasons.keys()) if (!existsSync(path)) this.#reasons.delete(path);
  }
}
