import type { Message } from './message.ts';

/** How long printed text waits for more of the same, ms. */
const delayMs = 5;
/** Text of this length is sent at once, in UTF-16 units. */
const longest = 128 * 1024;

/** Joins printed text into fewer messages; the order of all messages stays. */
export class PrintJoiner {
  readonly #send: (message: Message) => void;
  #waiting: Message | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Begins with nothing that waits.
   * @param send Sends a message.
   */
  constructor(send: (message: Message) => void) {
    this.#send = send;
  }

  /** Takes a message in its turn. */
  push(message: Message): void {
    if (message.header.msg_type !== 'stream') {
      this.flush();
      this.#send(message);
      return;
    }
    const waiting = this.#waiting;
    if (waiting && isSame(waiting, message)) {
      waiting.content.text = textOf(waiting) + textOf(message);
    } else {
      this.flush();
      this.#waiting = message;
    }
    if (textOf(this.#waiting ?? message).length > longest) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), delayMs);
  }

  /** Sends what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#send(waiting);
  }
}

const textOf = (message: Message): string => message.content.text as string;

const isSame = (a: Message, b: Message): boolean =>
  a.content.name === b.content.name && a.parent_header.msg_id === b.parent_header.msg_id;
