import { Worker } from 'node:worker_threads';

/** Milliseconds between two beats. */
export const beatMs = 500;

/** Milliseconds after which a worker that is not there yet is tried again: sooner than a group can form with it. */
const retryMs = 100;

/**
 * Runs in a thread of its own, so that a worker beats on while JavaScript's thread computes for long. It is text because a
 * bundle has no other file to start it from.
 */
const script = `
  const { workerData: { hello, peers, generation, beatMs, retryMs } } = require('node:worker_threads');
  const net = require('node:net');
  const keep = (host, port) => {
    const socket = net.connect({ host, port });
    let timer;
    socket.on('connect', () => {
      socket.write(JSON.stringify(hello) + '\\n');
      const beat = () => socket.write(JSON.stringify({ type: 'beat', generation: Atomics.load(generation, 0) }) + '\\n');
      beat();
      timer = setInterval(beat, beatMs);
    });
    socket.on('error', () => {});
    socket.on('close', () => { clearInterval(timer); setTimeout(keep, retryMs, host, port); });
  };
  for (const { host, port } of peers) keep(host, port);
`;

/** Tells the other workers twice a second that this process lives. */
export class Heart {
  readonly #thread: Worker;
  readonly #generation = new Int32Array(new SharedArrayBuffer(4));

  /**
   * Starts beating.
   * @param hello The first message of each connection.
   * @param peers The other workers.
   */
  constructor(hello: object, peers: readonly { host: string; port: number }[]) {
    const workerData = { hello, peers, generation: this.#generation, beatMs, retryMs };
    this.#thread = new Worker(script, { eval: true, workerData, execArgv: [] });
    this.#thread.unref();
  }

  /** The generation of the group that this worker is in; 0 before the first. */
  set generation(value: number) {
    Atomics.store(this.#generation, 0, value);
  }

  /** Falls silent. */
  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}
