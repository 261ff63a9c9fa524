import { currentExecution, type Execution } from '../engine/context.ts';

/** Output that waits to be sent. */
export interface Chunk {
  execution: Execution | undefined;
  name: 'stdout' | 'stderr';
  text: string;
}

/** Text waits so long for more, ms; a cell that computes may hold it up until it prints again. */
const delayMs = 20;
/** So many prints within that time go out at once, as a computation may follow. */
const promptPrints = 50;
/** Text of this size is sent at once, in UTF-16 units. */
const largestChunk = 128 * 1024;

/** Collects what cells print, and sends it in few messages in the order it was printed. */
export class Streams {
  readonly #send: (chunk: Chunk) => void;
  #waiting: Chunk[] = [];
  #size = 0;
  #since = 0;
  #prints = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #setTimeout = globalThis.setTimeout;

  /**
   * Begins with nothing captured.
   * @param send Sends one message of text.
   */
  constructor(send: (chunk: Chunk) => void) {
    this.#send = send;
  }

  /** Takes the process's standard output and error, so that whatever writes there shows in the notebook. */
  capture(): void {
    for (const name of ['stdout', 'stderr'] as const) {
      process[name].write = (
        data: string | Uint8Array,
        encoding?: BufferEncoding | ((error?: Error | null) => void),
        done?: (error?: Error | null) => void
      ): boolean => {
        const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
        this.write(name, text);
        const callback = typeof encoding === 'function' ? encoding : done;
        if (callback) process.nextTick(callback);
        return true;
      };
    }
  }

  /** Prints text as part of the running cell. */
  write(name: Chunk['name'], text: string): void {
    const execution = currentExecution();
    const last = this.#waiting.at(-1);
    if (last?.name === name && last.execution === execution) last.text += text;
    else this.#waiting.push({ execution, name, text });
    this.#size += text.length;
    const now = performance.now();
    if (now - this.#since > delayMs) {
      this.#since = now;
      this.#prints = 0;
    }
    this.#prints += 1;
    if (this.#prints <= promptPrints || this.#size >= largestChunk) this.flush();
    else this.#timer ??= this.#setTimeout(() => this.flush(), delayMs);
  }

  /** Sends what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#size = 0;
    for (const chunk of chunks) {
      if (chunk.text !== '') this.#send(chunk);
    }
  }
}
