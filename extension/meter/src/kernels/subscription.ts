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
/** zeromq says at once that it tries again, but for a connection that it has broken itself: it never does. */
const firstRenewMs = 100;
const lastRenewMs = 5_000;

/** What a subscription tells; nothing of it may throw. */
export interface SubscriptionEvents {
  /** Each message's frames as they arrive. */
  frames(frames: Buffer[]): void;
  /** The connection has broken: only then messages can be lost. */
  broken(): void;
  /** It was broken on this side, over a message that is too large or is none; it is made anew. */
  refused(): void;
}

/**
 * Listens to a kernel's iopub socket and asks nothing of the kernel. It may begin before the kernel
 * does, and goes on when the kernel restarts on the same ports.
 */
export class Subscription {
  readonly #connection: Connection;
  readonly #events: SubscriptionEvents;
  readonly #largestBytes: number | undefined;
  #socket: Subscriber;
  #isClosed = false;
  #renewing: NodeJS.Timeout | undefined;
  #renewMs = firstRenewMs;
  /** Ends when the subscription is closed; tells what went wrong, if anything did. */
  readonly ended: Promise<string | undefined>;

  /**
   * Connects.
   * @param largestBytes A part of a message that is larger breaks the connection. @default any size
   * @throws Error of zeromq for an address that it cannot take, or when no more sockets are left.
   */
  constructor(connection: Connection, events: SubscriptionEvents, largestBytes?: number) {
    this.#connection = connection;
    this.#events = events;
    this.#largestBytes = largestBytes;
    this.#socket = this.#open();
    this.ended = this.#listen();
  }

  /** Stops listening. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#renewing);
    if (!this.#socket.closed) this.#socket.close();
  }

  #open(): Subscriber {
    const { curve, near } = this.#connection;
    const socket = new Subscriber({
      // Messages wait here rather than being dropped: a lost idle is worse than some memory.
      receiveHighWaterMark: 0,
      linger: 0,
      ...(this.#largestBytes !== undefined && { maxMessageSize: this.#largestBytes }),
      reconnectInterval: firstRetryMs,
      reconnectMaxInterval: near ? lastRetryMs : lastRemoteRetryMs,
      ...(curve && {
        curveServerKey: curve.publicKey,
        curvePublicKey: curve.publicKey,
        curveSecretKey: curve.secretKey
      })
    });
    socket.events.on('disconnect', () => {
      // One that was replaced says nothing more.
      if (socket !== this.#socket) return;
      this.#events.broken();
      this.#renewLater();
    });
    socket.events.on('connect:retry', () => {
      if (socket === this.#socket) clearTimeout(this.#renewing);
    });
    try {
      socket.connect(iopubAddress(this.#connection));
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.subscribe();
    return socket;
  }

  #renewLater(): void {
    clearTimeout(this.#renewing);
    if (this.#isClosed) return;
    this.#renewing = setTimeout(() => this.#renew(), this.#renewMs).unref();
    // Whoever is there may not speak as a kernel does, and not begin to.
    this.#renewMs = Math.min(lastRenewMs, 2 * this.#renewMs);
  }

  #renew(): void {
    const broken = this.#socket;
    try {
      this.#socket = this.#open();
    } catch {
      // No more sockets are left for now.
      this.#renewLater();
      return;
    }
    broken.close();
    this.#events.refused();
  }

  #hear(frames: Buffer[]): void {
    this.#renewMs = firstRenewMs;
    this.#events.frames(frames);
  }

  async #listen(): Promise<string | undefined> {
    for (;;) {
      const socket = this.#socket;
      try {
        while (!socket.closed) this.#hear(await socket.receive());
      } catch (error) {
        // Closing the socket rejects the receive that waits.
        if (!socket.closed) return reasonOf(error);
      }
      if (this.#isClosed) return undefined;
    }
  }
}
