import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** What a side of the benchmark is to build. */
export interface Task {
  readonly model: string;
  readonly optimizer: 'sgd' | 'momentum' | 'adam';
  readonly batch: number;
  readonly train: boolean;
}

/** What a run of several steps took. */
export interface Run {
  /** All steps together. */
  readonly ms: number;
  /** The last step's loss. */
  readonly loss: number;
}

/** A process that builds one task and runs steps of it on demand: one JSON object a line each way. */
export class ChildSide {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #command: string;
  /** Most memory it has held, in MiB. */
  peakMib = 0;

  constructor(program: string, args: readonly string[]) {
    this.#command = [program, ...args].join(' ');
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#reader = createInterface({ input: this.#child.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async run(steps: number): Promise<Run> {
    const answer = await this.ask({ steps });
    this.peakMib = Math.max(this.peakMib, Number(answer.peak_mib));
    return { ms: Number(answer.ms), loss: Number(answer.loss) };
  }

  close(): void {
    this.#reader.close();
    this.#child.kill();
  }

  /** Asks one question; throws when the process has ended. */
  async ask(question: object): Promise<Record<string, unknown>> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
    const answer = await this.#lines.next();
    if (answer.done) throw new Error(`a side ended; run it by hand to see why: ${this.#command}`);
    return JSON.parse(answer.value) as Record<string, unknown>;
  }
}
