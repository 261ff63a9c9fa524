import { Subscriber } from 'zeromq';

import { type Connection, iopubAddress } from './connection-file.ts';

/**
 * A kernel that just starts must not be missed: between its binding the socket and its first cell may
 * lie some 50 ms. One that does not come is given up by the caller after a minute.
 */
const firstRetryMs = 10;
const lastRetryMs = 20;
/** Another host's kernel may stay away for long, and is not given up. */
const lastRemoteRetryMs = 5_000;
/** What forwards a port accepts and hangs up until its kernel comes: it is tried without a pause for so long. */
const patienceMs = 10_000;
/** zeromq says at once that it tries again, but for a connection that it has broken itself: it never does. */
const firstRenewMs = 100;
const lastRenewMs = 30_000;

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
 * does, and goes on when the kernel restarts on the same ports. A server that is no kernel, such as
 * one that has got the port of a kernel long gone, is tried more and more seldom.
 */
export class Subscription {
  readonly #connection: Connection;
  readonly #events: SubscriptionEvents;
  readonly #largestBytes: number | undefined;
  #socket: Subscriber;
  #hearing: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** Whoever is there now speaks ZMTP, zeromq's protocol. */
  #isGreeted = false;
  #triedSinceMs = performance.now();
  #renewing: NodeJS.Timeout | undefined;
  #renewMs = firstRenewMs;

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
  }

  /** Another may be behind the address now: one that is waited with is tried at once. */
  retry(): void {
    this.#triedSinceMs = performance.now();
    this.#renewMs = firstRenewMs;
    if (this.#renewing) this.#renew(false);
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waitNoMore();
    this.#socket.close();
    await this.#hearing;
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
    // One that was replaced or closed has nothing to say any more, though it may.
    const on = (event: 'handshake' | 'disconnect' | 'connect:retry', tell: () => void) =>
      socket.events.on(event, () => {
        if (socket === this.#socket && !socket.closed) tell();
      });
    on('handshake', () => (this.#isGreeted = true));
    on('disconnect', () => this.#disconnected());
    on('connect:retry', () => this.#waitNoMore());
    try {
      socket.connect(iopubAddress(this.#connection));
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.subscribe();
    this.#hearing = this.#listen(socket);
    return socket;
  }

  #disconnected(): void {
    const wasGreeted = this.#isGreeted;
    this.#isGreeted = false;
    if (wasGreeted) {
      this.#triedSinceMs = performance.now();
      this.#events.broken();
    } else if (performance.now() - this.#triedSinceMs > patienceMs) {
      // zeromq would go on some ninety times a second.
      this.#socket.close();
    }
    this.#renewLater(wasGreeted);
  }

  #renewLater(isRefused: boolean): void {
    this.#waitNoMore();
    if (this.#isClosed) return;
    this.#renewing = setTimeout(() => this.#renew(isRefused), this.#renewMs).unref();
  }

  #waitNoMore(): void {
    clearTimeout(this.#renewing);
    this.#renewing = undefined;
  }

  #renew(isRefused: boolean): void {
    this.#waitNoMore();
    // Whoever is there may not speak as a kernel does, and not begin to.
    this.#renewMs = Math.min(lastRenewMs, 2 * this.#renewMs);
    const broken = this.#socket;
    try {
      this.#socket = this.#open();
    } catch {
      // No more sockets are left for now.
      this.#renewLater(isRefused);
      return;
    }
    broken.close();
    if (isRefused) this.#events.refused();
  }

  #hear(frames: Buffer[]): void {
    this.#isGreeted = true;
    this.#renewMs = firstRenewMs;
    this.#events.frames(frames);
  }

  async #listen(socket: Subscriber): Promise<void> {
    try {
      while (!socket.closed) this.#hear(await socket.receive());
    } catch {
      // Closing the socket rejects the receive that waits.
      if (!socket.closed) this.#renewLater(true);
    }
  }
}
