import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

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

/** Python's side: `function` is tf.function, `keras` is `fit` with jit_compile. */
export type PythonKind = 'function' | 'keras';

/** A Python process that builds one task and runs steps of it on demand. */
export class PythonSide {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  /** Most memory it has held, in MiB. */
  peakMib = 0;

  /** @param python A Python with TensorFlow and Keras. */
  constructor(python: string) {
    const script = fileURLToPath(new URL('reference.py', import.meta.url));
    this.#child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#reader = createInterface({ input: this.#child.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async build(task: Task, kind: PythonKind): Promise<void> {
    await this.#ask({ ...task, kind, jit: true });
  }

  async run(steps: number): Promise<Run> {
    const answer = await this.#ask({ steps });
    this.peakMib = Math.max(this.peakMib, Number(answer.peak_mib));
    return { ms: Number(answer.ms), loss: Number(answer.loss) };
  }

  close(): void {
    this.#reader.close();
    this.#child.kill();
  }

  async #ask(question: object): Promise<Record<string, unknown>> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
    const answer = await this.#lines.next();
    if (answer.done)
      throw new Error('the Python side of the training benchmark ended; run it by hand to see why');
    return JSON.parse(answer.value) as Record<string, unknown>;
  }
}
