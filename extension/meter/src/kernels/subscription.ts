import { Subscriber } from 'zeromq';

import { reasonOf } from '../errors.ts';
import { type Connection, iopubAddress } from './connection-file.ts';

/**
 * A kernel that just starts must not be missed: between its binding the socket and its first cell may
 * lie some 50 ms. One that does not come is given up by the caller after a minute.
 */
const firstRetryMs = 10;
const lastRetryMs = 20;
/** Another host's kernel may stay away for long, and is not given up. */
const lastRemoteRetryMs = 5_000;

/**
 * Listens to a kernel's iopub socket and asks nothing of the kernel. It may begin before the kernel
 * does, and goes on when the kernel restarts on the same ports.
 */
export class Subscription {
  readonly #socket: Subscriber;
  /** Ends when the subscription is closed; tells what went wrong, if anything did. */
  readonly ended: Promise<string | undefined>;

  /**
   * Connects; `onFrames` gets each message's frames as they arrive, and must not throw. `onBreak` is called when the
   * connection has broken: only then messages can be lost.
   * @param largestBytes A part of a message that is larger breaks the connection. @default any size
   * @throws Error of zeromq for an address that it cannot take, or when no more sockets are left.
   */
  constructor(
    connection: Connection,
    onFrames: (frames: Buffer[]) => void,
    onBreak: () => void,
    largestBytes?: number
  ) {
    const { curve, near } = connection;
    this.#socket = new Subscriber({
      // Messages wait here rather than being dropped: a lost idle is worse than some memory.
      receiveHighWaterMark: 0,
      linger: 0,
      ...(largestBytes !== undefined && { maxMessageSize: largestBytes }),
      reconnectInterval: firstRetryMs,
      reconnectMaxInterval: near ? lastRetryMs : lastRemoteRetryMs,
      ...(curve && {
        curveServerKey: curve.publicKey,
        curvePublicKey: curve.publicKey,
        curveSecretKey: curve.secretKey
      })
    });
    this.#socket.events.on('disconnect', onBreak);
    try {
      this.#socket.connect(iopubAddress(connection));
    } catch (error) {
      this.#socket.close();
      throw error;
    }
    this.#socket.subscribe();
    this.ended = this.#listen(onFrames);
  }

  /** Stops listening. */
  close(): void {
    if (!this.#socket.closed) this.#socket.close();
  }

  async #listen(onFrames: (frames: Buffer[]) => void): Promise<string | undefined> {
    try {
      while (!this.#socket.closed) onFrames(await this.#socket.receive());
      return undefined;
    } catch (error) {
      // Closing the socket rejects the receive that waits.
      return this.#socket.closed ? undefined : reasonOf(error);
    }
  }
}
