import type { Socket } from 'node:net';

/** What workers tell each other beside the numbers they reduce. */
export interface Message {
  readonly type: string;
  readonly [name: string]: unknown;
}

/** Longest message; a peer that sends more is cut off. */
const longest = 1 << 16;

/** One connection between two workers: a JSON object a line. */
export class Line {
  readonly #socket: Socket;
  #received = '';
  /** Called with each message. */
  onMessage: (message: Message) => void = () => undefined;
  /** Called once when the connection is gone, whoever ended it. */
  onClose: () => void = () => undefined;

  /**
   * Reads and writes messages on a connection.
   * @param socket The connection; the line owns it.
   */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').setNoDelay(true);
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => this.onClose());
  }

  /** Sends a message, if the connection still stands. */
  send(message: Message): void {
    if (!this.#socket.destroyed) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Ends the connection once what was sent is out. */
  close(): void {
    this.#socket.end();
    this.#socket.unref();
  }

  /** Lets the process end while the connection stands. */
  unref(): void {
    this.#socket.unref();
  }

  #take(text: string): void {
    const lines = (this.#received + text).split('\n');
    this.#received = lines.pop() ?? '';
    if (this.#received.length > longest) return void this.#socket.destroy();
    for (const line of lines) {
      const message = parse(line);
      if (!message) return void this.#socket.destroy();
      this.onMessage(message);
    }
  }
}

function parse(line: string): Message | undefined {
  if (line.length > longest) return undefined;
  try {
    const message: unknown = JSON.parse(line);
    const isMessage = typeof message === 'object' && message !== null && 'type' in message;
    return isMessage && typeof message.type === 'string' ? (message as Message) : undefined;
  } catch {
    return undefined;
  }
}
