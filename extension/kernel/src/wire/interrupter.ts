import { Session } from 'node:inspector';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedSlot } from './thread-messages.ts';

/** How long the kernel's thread may take to see an interrupt before its running code is stopped, ms. */
const patienceMs = 100;
/** How often an interrupt is tried; code with `finally` blocks that loop needs more than one. */
const attempts = 5;

/** Stops what runs in the kernel's thread, from another one. */
export class Interrupter {
  readonly #shared: Int32Array;
  readonly #ask: (id: number) => void;
  #last = 0;

  /**
   * Prepares to interrupt; nothing is connected yet.
   * @param shared The counters shared with the kernel's thread.
   * @param ask Tells the kernel's thread of an interrupt; it answers in `interruptsSeen`.
   */
  constructor(shared: Int32Array, ask: (id: number) => void) {
    this.#shared = shared;
    this.#ask = ask;
  }

  /**
   * Asks first, for a thread that awaits something sees the question; one that computes is stopped by V8.
   * @returns Resolves when the kernel's thread has seen the interrupt, or cannot be reached.
   */
  async interrupt(): Promise<void> {
    this.#last += 1;
    const id = this.#last;
    this.#ask(id);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (await this.#seen(id)) return;
      await terminateMainThread();
    }
    await this.#seen(id);
  }

  async #seen(id: number): Promise<boolean> {
    const seen = (): boolean => Atomics.load(this.#shared, sharedSlot.interruptsSeen) >= id;
    for (const until = Date.now() + patienceMs; !seen() && Date.now() < until;) await sleep(5);
    return seen();
  }
}

/** Connected only while it is needed: an open session delays the process's exit. */
async function terminateMainThread(): Promise<void> {
  const session = new Session();
  session.connectToMainThread();
  const done = new Promise<void>(resolve => {
    session.post('Runtime.terminateExecution', () => resolve());
  });
  await Promise.race([done, sleep(patienceMs)]);
  session.disconnect();
}
