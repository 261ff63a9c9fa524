import { runInThisContext } from 'node:vm';
import type { MessagePort } from 'node:worker_threads';

/**
 * Tells of each SIGINT the process gets. Node runs signal listeners in the main thread only, where a computing cell
 * holds them up; a script run with `breakOnSigint` ends in any thread.
 * @param port Gets one message for each signal.
 */
export function watchSignals(port: MessagePort): never {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const global = globalThis as { joulebookWait?: () => void };
  global.joulebookWait = () => void Atomics.wait(never, 0, 0);
  for (;;) {
    try {
      runInThisContext('joulebookWait()', { breakOnSigint: true });
    } catch {
      port.postMessage('SIGINT');
    }
  }
}
