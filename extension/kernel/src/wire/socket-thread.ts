import { PrintJoiner } from './joiner.ts';
import { log } from './log.ts';
import type { MessagePort } from 'node:worker_threads';
import { decode, encode, type Signing } from './codec.ts';
import { answerControl } from './control.ts';
import { Interrupter } from './interrupter.ts';
import { makeBroadcast, type Message } from './message.ts';
import { openSockets, type Sockets } from './sockets.ts';
import {
  sharedSlot,
  type FromSockets,
  type ThreadData,
  type ToSockets
} from './thread-messages.ts';

/** How often the thread looks whether the process that started the kernel still lives, ms. */
const parentCheckMs = 1000;
/** How long a cell may delay the kernel's end, ms. */
const shutdownGraceMs = 1500;

/**
 * Runs the sockets in a thread of their own: output leaves, heartbeats echo and control is answered while a cell computes.
 * @param port Joins this thread with the kernel's.
 */
export async function runSocketThread(port: MessagePort, data: ThreadData): Promise<void> {
  const tell = (message: FromSockets): void => port.postMessage(message);
  try {
    const sockets = await openSockets(data.connection);
    new SocketThread(port, data, sockets, tell).start();
  } catch (error) {
    tell({ type: 'failed', reason: String(error) });
  }
}

class SocketThread {
  readonly #port: MessagePort;
  readonly #data: ThreadData;
  readonly #sockets: Sockets;
  readonly #tell: (message: FromSockets) => void;
  readonly #signing: Signing;
  readonly #interrupter: Interrupter;
  readonly #outgoing = new PrintJoiner(message => this.#send(message));
  /** Whether a request came: until then, the kernel counts as starting. */
  #requested = false;

  constructor(
    port: MessagePort,
    data: ThreadData,
    sockets: Sockets,
    tell: (message: FromSockets) => void
  ) {
    this.#port = port;
    this.#data = data;
    this.#sockets = sockets;
    this.#tell = tell;
    this.#signing = { key: data.connection.key, digest: data.connection.digest };
    this.#interrupter = new Interrupter(new Int32Array(data.shared), id =>
      tell({ type: 'interrupt', id })
    );
  }

  start(): void {
    this.#port.on('message', (message: ToSockets) => void this.#obey(message));
    this.#receive('shell', message => this.#tell({ type: 'request', message }));
    this.#receive('control', message => void this.#control(message));
    this.#receive('stdin', message => this.#input(message));
    this.#sockets.onSubscribe(topic => this.#welcome(topic));
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) this.#end(false);
    }, parentCheckMs);
    this.#tell({ type: 'ready' });
  }

  #receive(channel: 'shell' | 'control' | 'stdin', handle: (message: Message) => void): void {
    this.#sockets.listen(channel, frames => {
      try {
        const message = decode(frames, channel, this.#signing);
        this.#requested = true;
        handle(message);
      } catch (error) {
        log(`a message was ignored: ${String(error)}`);
      }
    });
  }

  #send(message: Message): void {
    this.#sockets.send(message.channel, encode(message, this.#signing));
  }

  async #obey(message: ToSockets): Promise<void> {
    if (message.type === 'send') this.#outgoing.push(message.message);
    else if (message.type === 'signals') {
      message.port.on('message', () => void this.#interrupter.interrupt());
    } else if (message.type === 'ping') {
      // what already arrived at the sockets is told first
      await new Promise(resolve => setTimeout(resolve, 2));
      this.#tell({ type: 'pong', id: message.id });
    } else {
      this.#outgoing.flush();
      await this.#sockets.drained();
      this.#sockets.close();
      this.#tell({ type: 'closed' });
    }
  }

  async #control(request: Message): Promise<void> {
    const status = (state: string): void =>
      this.#send(makeBroadcast(request.header, 'status', { execution_state: state }));
    status('busy');
    if (request.header.msg_type === 'interrupt_request') await this.#interrupter.interrupt();
    for (const message of answerControl(request, this.#data.info, this.#data.connection)) {
      this.#send(message);
    }
    status('idle');
    if (request.header.msg_type === 'shutdown_request') {
      this.#end(request.content.restart === true);
    }
  }

  #input(message: Message): void {
    if (message.header.msg_type !== 'input_reply') return;
    this.#data.stdin.postMessage(message.content.value);
    const shared = new Int32Array(this.#data.shared);
    Atomics.add(shared, sharedSlot.inputsArrived, 1);
    Atomics.notify(shared, sharedSlot.inputsArrived);
  }

  #welcome(topic: Uint8Array): void {
    const subscription = Buffer.from(topic).toString('utf8');
    const message = makeBroadcast({}, 'iopub_welcome', { subscription });
    this.#send({ ...message, identities: [topic] });
    // Said to each who comes, as nobody hears what is sent before.
    if (!this.#requested) this.#send(makeBroadcast({}, 'status', { execution_state: 'starting' }));
  }

  /** Lets the kernel's thread leave tidily; one that is stuck is ended with the process. */
  #end(restart: boolean): void {
    this.#tell({ type: 'shutdown', restart });
    setTimeout(() => {
      void this.#sockets.drained().then(() => process.kill(process.pid, 'SIGKILL'));
    }, shutdownGraceMs);
  }
}
