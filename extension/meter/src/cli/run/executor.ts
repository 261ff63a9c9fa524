import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { MeterError, reasonOf, systemCodeOf } from '../../errors.ts';

/** What the executor tells, see `joulebook/run.py`. */
export type ExecutorEvent =
  | { event: 'notebook'; cells: number[] }
  | { event: 'kernel'; connection_file: string }
  | { event: 'sent'; index: number; cell_id: string; msg_id: string; source: string }
  | { event: 'ended'; index: number; msg_id: string; status: string }
  | { event: 'failed'; index: number | null; name: string; message: string; traceback: string }
  | { event: 'written'; path: string };

/** How a notebook is executed. */
export interface ExecutorOptions {
  /** The interpreter whose environment holds joulebook and the kernels. */
  python: string;
  /** Absolute. */
  notebook: string;
  /** Where to write the executed notebook. */
  output?: string;
  /** Name of a kernelspec; default: the one the notebook names. */
  kernel?: string;
  /** Where the kernel runs, absolute; default: where the notebook lies. */
  folder?: string;
  /** Values for the parameters that the notebook declares; default: its own. */
  parameters?: Record<string, unknown>;
  environment: Record<string, string | undefined>;
}

/** A notebook that is being executed by a process of its own. */
export class Executor {
  /** Settles with the exit code. */
  readonly exited: Promise<number>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #errors = '';

  constructor(options: ExecutorOptions) {
    const { python, notebook, output, kernel, folder, parameters, environment } = options;
    const args = ['-m', 'joulebook.run', notebook];
    if (output !== undefined) args.push('--output', output);
    if (kernel !== undefined) args.push('--kernel', kernel);
    if (folder !== undefined) args.push('--folder', folder);
    if (parameters !== undefined && Object.keys(parameters).length > 0) {
      args.push('--parameters', JSON.stringify(parameters));
    }
    // A process group of its own: Ctrl-C is for us to pass on.
    this.#child = spawn(python, args, {
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true
    });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4000);
    });
    this.exited = once(this.#child, 'exit').then(([code]) => (code as number | null) ?? 1);
    this.exited.catch(() => {});
  }

  /** The last the process said on standard error. */
  get errors(): string {
    return this.#errors.trim();
  }

  /** What happens, until the process ends. */
  async *events(): AsyncGenerator<ExecutorEvent> {
    const failed = once(this.#child, 'spawn').then(
      () => undefined,
      (error: unknown) => error
    );
    const error = await failed;
    if (error !== undefined) {
      throw new MeterError(
        'cli/no-python',
        `cannot run ${this.#child.spawnfile} (${systemCodeOf(error) ?? reasonOf(error)}): set ` +
          'JOULEBOOK_PYTHON to the Python that has joulebook installed',
        { cause: error }
      );
    }
    for await (const line of createInterface({ input: this.#child.stdout })) {
      if (line.startsWith('{"event"')) yield JSON.parse(line) as ExecutorEvent;
    }
  }

  /** Lets go of the process: it ends its kernel and itself, if it has not ended yet. */
  end(): void {
    this.#child.stdin.end();
  }

  /** `ping`: let the kernel say something; `go`: begin; `interrupt` the cell; `kill` the kernel. */
  tell(word: 'ping' | 'go' | 'interrupt' | 'kill'): void {
    this.#child.stdin.write(`${word}\n`);
  }
}
