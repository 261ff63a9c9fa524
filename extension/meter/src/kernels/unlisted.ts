/** While it lasts it is told again after this time, in ms. */
const againMs = 60_000;

/** Tells that the processes of the system cannot be listed, so that new ones are not metered. */
export class Unlisted {
  readonly #tell: (what: string) => void;
  #toldMs = -Infinity;

  /** `tell` gets a line for people, once a minute at most. */
  constructor(tell: (what: string) => void) {
    this.#tell = tell;
  }

  /** A look has failed, with this code of the system. */
  failed(failure: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < againMs) return;
    this.#toldMs = nowMs;
    const cure =
      failure === 'EMFILE' ? 'start the meter with a higher limit of open files (ulimit -n)' : '';
    this.#tell(
      `/proc cannot be listed (${failure}): kernels and processes that start now are not metered, ` +
        `those that are known are${cure && `; ${cure}`}`
    );
  }
}
