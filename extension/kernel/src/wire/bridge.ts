import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { log } from './log.ts';
import type { Connection } from './connection.ts';
import type { Json, Message } from './message.ts';
import {
  sharedSlot,
  type FromSockets,
  type ThreadData,
  type ToSockets
} from './thread-messages.ts';

/** Taken while it still ends the process: cells get another one. */
const leave = process.exit.bind(process);

/** What the kernel's thread does with what the socket thread tells it. */
export interface BridgeHandlers {
  /** A request on the shell channel. */
  request(message: Message): void;
  /** The user asks to stop the running cell. */
  interrupt(): void;
  /** The client asks the kernel to leave; the reply is already sent. */
  shutdown(restart: boolean): void;
}

/** The kernel thread's end of the way to the sockets. */
export class Bridge {
  readonly #worker: Worker;
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  readonly #stdin = new MessageChannel();
  readonly #pings = new Map<number, () => void>();
  #handlers: BridgeHandlers | undefined;
  #early: FromSockets[] = [];
  #closed: (() => void) | undefined;
  #lastPing = 0;

  /**
   * Starts the socket thread.
   * @param entry The script of the thread, see `runSocketThread`.
   * @param info The content of `kernel_info_reply`.
   */
  constructor(entry: string, connection: Connection, info: Json) {
    const data: ThreadData = {
      connection,
      info,
      shared: this.#shared.buffer,
      stdin: this.#stdin.port2
    };
    this.#worker = new Worker(entry, {
      workerData: data,
      transferList: [this.#stdin.port2],
      stdin: false
    });
    this.#worker.on('message', (message: FromSockets) => this.#take(message));
    this.#worker.on('error', error => {
      log(`the socket thread failed: ${String(error)}`);
      leave(1);
    });
  }

  /** Begins to hand over what arrives, first what arrived before this call. */
  start(handlers: BridgeHandlers): void {
    this.#handlers = handlers;
    for (const message of this.#early.splice(0)) this.#take(message);
  }

  /** Sends a message; messages leave in the order of the calls. */
  send(message: Message): void {
    this.#tell({ type: 'send', message });
  }

  /** Resolves when all requests that had reached the sockets are handed over. */
  ping(): Promise<void> {
    this.#lastPing += 1;
    const id = this.#lastPing;
    return new Promise(resolve => {
      this.#pings.set(id, resolve);
      this.#tell({ type: 'ping', id });
    });
  }

  /** Sends an `input_request` and blocks the thread until its answer is here. */
  ask(message: Message): string {
    const { port1 } = this.#stdin;
    while (receiveMessageOnPort(port1) !== undefined); // an answer nobody waits for any more
    const arrived = Atomics.load(this.#shared, sharedSlot.inputsArrived);
    this.send(message);
    for (;;) {
      const answer = receiveMessageOnPort(port1);
      if (answer !== undefined) return String(answer.message);
      Atomics.wait(this.#shared, sharedSlot.inputsArrived, arrived, 1000);
    }
  }

  /** Joins a thread that watches for SIGINT, see `watchSignals`. */
  listenToSignals(entry: string): void {
    const { port1, port2 } = new MessageChannel();
    this.#worker.postMessage({ type: 'signals', port: port1 } satisfies ToSockets, [port1]);
    const worker = new Worker(entry, { workerData: { signals: port2 }, transferList: [port2] });
    worker.unref();
  }

  /** Lets all messages leave, then closes the sockets. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => {
      this.#closed = resolve;
    });
    this.#tell({ type: 'close' });
    await closed;
  }

  #tell(message: ToSockets): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromSockets): void {
    if (this.#handlers === undefined && message.type !== 'failed') {
      this.#early.push(message);
      return;
    }
    switch (message.type) {
      case 'request':
        this.#handlers?.request(message.message);
        break;
      case 'interrupt':
        Atomics.store(this.#shared, sharedSlot.interruptsSeen, message.id);
        this.#handlers?.interrupt();
        break;
      case 'shutdown':
        this.#handlers?.shutdown(message.restart);
        break;
      case 'pong':
        this.#pings.get(message.id)?.();
        this.#pings.delete(message.id);
        break;
      case 'closed':
        this.#closed?.();
        break;
      case 'failed':
        log(`the sockets cannot open: ${message.reason}`);
        leave(1);
    }
  }
}
