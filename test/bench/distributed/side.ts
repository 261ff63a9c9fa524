import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../../kernel-helpers/src/distributed/control/address.ts';

/** All-reduces of so many numbers. */
export interface Reducing {
  readonly count: number;
  readonly times: number;
}

/** Steps of training a perceptron. */
export interface Training {
  readonly steps: number;
  /** Steps before, in which our side records its functions and compiles the optimiser, as Python's did when it warmed up. */
  readonly warmUp: number;
  /** Widths of its hidden layers. */
  readonly hidden: readonly number[];
  /** Bytes from which gradients travel while the backward pass goes on; null, as JSON has no Infinity, for all at its end. */
  readonly bucketBytes: number | null;
}

/** What all workers of a side do at the same time. */
export type Work = Reducing | Training;

/** What came of it. */
export interface Done {
  /** Time of the slowest worker. */
  readonly ms: number;
  /** What each worker reached: a sum's last number, or a loss. */
  readonly values: readonly number[];
}

/** Workers of one group, in processes that wait for work. */
export class Side {
  readonly #children: readonly ChildProcess[];
  readonly #answers: readonly AsyncIterator<string>[];

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
    this.#answers = children.map(({ stdout }) =>
      createInterface({ input: stdout! })[Symbol.asyncIterator]()
    );
  }

  /**
   * Starts workers.
   * @param size How many.
   * @param python Runs TensorFlow's strategy; ours without it.
   */
  static async start(size: number, python?: string): Promise<Side> {
    const ports = await freePorts(size);
    const worker = ports.map(port => `127.0.0.1:${port}`);
    const script = fileURLToPath(
      new URL(python ? 'reference.py' : 'ours.worker.ts', import.meta.url)
    );
    const args = python ? [script] : ['--disable-warning=ExperimentalWarning', script];
    const children = ports.map((_, index) =>
      spawn(python ?? process.execPath, args, {
        env: {
          ...process.env,
          TF_CONFIG: JSON.stringify({ cluster: { worker }, task: { type: 'worker', index } })
        },
        stdio: ['pipe', 'pipe', 'ignore']
      })
    );
    return new Side(children);
  }

  /** Lets all workers do the same, and waits for the last. */
  async run(work: Work): Promise<Done> {
    for (const { stdin } of this.#children) stdin!.write(`${JSON.stringify(work)}\n`);
    const answers = await Promise.all(
      this.#answers.map(async (lines, rank) => {
        const answer = await lines.next();
        if (answer.done) throw new Error(`worker ${rank} of the distributed benchmark ended early`);
        return JSON.parse(answer.value) as { ms: number; value: number };
      })
    );
    return {
      ms: Math.max(...answers.map(({ ms }) => ms)),
      values: answers.map(({ value }) => value)
    };
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}
