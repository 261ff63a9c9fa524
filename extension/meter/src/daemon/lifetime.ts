/** How long a leased daemon waits, in ms. */
export interface LifetimeOptions {
  /** After its last lease has gone. @default 10_000 */
  graceMs?: number;
  /** For the first lease. @default 60_000 */
  firstLeaseMs?: number;
}

/** Decides when a daemon that serves leases has nobody left to serve. */
export class Lifetime {
  /** Settles when the daemon should leave. */
  readonly over: Promise<void>;
  readonly #graceMs: number;
  #timer: NodeJS.Timeout;
  #end: () => void = () => {};
  #isStopped = false;

  constructor({ graceMs = 10_000, firstLeaseMs = 60_000 }: LifetimeOptions = {}) {
    this.#graceMs = graceMs;
    this.over = new Promise(resolve => (this.#end = resolve));
    this.#timer = setTimeout(this.#end, firstLeaseMs);
  }

  /** Says how many leases are held now. */
  leases(count: number): void {
    clearTimeout(this.#timer);
    if (count === 0 && !this.#isStopped) this.#timer = setTimeout(this.#end, this.#graceMs);
  }

  /** Stops waiting, also for what is said of leases later: they end with the daemon. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
