import type { Line, Message } from './line.ts';

/** Takes a message and the rank that it comes from. */
export type Hear = (message: Message, from: number) => void;

/** Takes the rank of a worker that ended its line, or died. */
export type Miss = (rank: number) => void;

/** The lines of one group: the first worker has one to every other, these have one to the first. */
export class Star {
  readonly #lines: ReadonlyMap<number, Line>;
  readonly #early: ((hear: Hear, miss: Miss) => void)[] = [];
  #listener: { hear: Hear; miss: Miss } | undefined;
  #isClosed = false;

  /**
   * Takes the lines over. What comes before somebody listens is kept.
   * @param lines By the rank at their other end.
   */
  constructor(lines: ReadonlyMap<number, Line>) {
    this.#lines = lines;
    for (const [rank, line] of lines) {
      line.onMessage = message => this.#pass(hear => hear(message, rank));
      line.onClose = () => this.#pass((_, miss) => miss(rank));
    }
  }

  /** The ranks at the other ends. */
  get others(): number[] {
    return [...this.#lines.keys()];
  }

  /**
   * Listens, in the place of who listened before.
   * @param hear Called with each message.
   * @param miss Called when a line ends.
   */
  listen(hear: Hear, miss: Miss): void {
    this.#listener = { hear, miss };
    while (this.#listener && this.#early.length > 0) this.#early.shift()!(hear, miss);
  }

  /** Keeps what comes for the next listener. */
  pause(): void {
    this.#listener = undefined;
  }

  /**
   * Sends a message.
   * @param message The message.
   * @param to A rank. @default all others
   */
  send(message: Message, to?: number): void {
    if (to !== undefined) return this.#lines.get(to)?.send(message);
    for (const line of this.#lines.values()) line.send(message);
  }

  /** Ends all lines. */
  close(): void {
    this.#isClosed = true;
    for (const line of this.#lines.values()) line.close();
  }

  #pass(event: (hear: Hear, miss: Miss) => void): void {
    if (this.#isClosed) return;
    if (this.#listener) event(this.#listener.hear, this.#listener.miss);
    else this.#early.push(event);
  }
}
