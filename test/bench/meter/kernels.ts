import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Place } from './place.ts';

/** Python kernels that a script of the benchmark holds. */
export class PythonKernels {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** Starts the script, no kernel yet. */
  constructor({ root, environment }: Place) {
    const python = join(root, '.venv/bin/python');
    this.#process = spawn(python, [join(import.meta.dirname, 'kernels.py')], {
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore']
    });
    if (!this.#process.stdout) throw new Error('expected the output of kernels.py to be piped');
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts so many more. */
  async start(count: number): Promise<void> {
    await this.#ask('start', count);
  }

  /** Runs a cell that waits in the first `count` kernels; answers when they have been sent. */
  async wait(seconds: number, count: number): Promise<void> {
    await this.#ask('wait', seconds, count);
  }

  /** Answers when those cells have ended. */
  async idle(count: number): Promise<void> {
    await this.#ask('idle', count);
  }

  /** Times of so many small cells, one after another, in ms. */
  async times(count: number): Promise<number[]> {
    return (await this.#ask('time', count)) as number[];
  }

  /** Ends the kernels and the script. */
  async end(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin?.end();
    await ended;
  }

  async #ask(name: string, ...values: number[]): Promise<unknown> {
    this.#process.stdin?.write(`${JSON.stringify([name, values])}\n`);
    const answer = await this.#lines.next();
    if (answer.done === true) throw new Error(`expected an answer to ${name}, kernels.py ended`);
    return JSON.parse(answer.value) as unknown;
  }
}
