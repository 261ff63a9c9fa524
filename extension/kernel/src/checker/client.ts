import { spawn, type ChildProcess } from 'node:child_process';
import { Interrupted, KernelError } from '../errors.ts';
import type { CheckerCommand } from './command.ts';
import type { Answer, CheckerOperations, CheckerPlaces, Question } from './protocol.ts';

/** How often a question is asked when the checker's process ends over it. */
const attempts = 2;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The checker in its own process; started again when that ends, with the cells so far. */
export class CheckerClient {
  readonly #command: CheckerCommand;
  #args: string[];
  #answered = false;
  readonly #places: CheckerPlaces;
  readonly #kept: string[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #lastId = 0;
  #closed = false;

  constructor(command: CheckerCommand, places: CheckerPlaces) {
    this.#command = command;
    this.#args = command.args;
    this.#places = places;
    this.#start();
  }

  /** The process's id, while it lives. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Asks the checker.
   * @throws KernelError `checker/lost` when its process ended over the question, twice.
   */
  async ask<Op extends keyof CheckerOperations>(
    op: Op,
    ...args: Parameters<CheckerOperations[Op]>
  ): Promise<ReturnType<CheckerOperations[Op]>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await this.#post(op, args);
        if (op === 'check' && args[1] === true && isKept(result)) this.#kept.push(String(args[0]));
        return result as ReturnType<CheckerOperations[Op]>;
      } catch (error) {
        const lost = error instanceof KernelError && error.code === 'checker/lost';
        if (!lost || attempt === attempts || this.#closed) throw error;
      }
    }
  }

  /** Ends the questions that are being answered, by ending the process; the next question starts another. */
  interrupt(): void {
    if (this.#waiting.size === 0) return;
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
    this.#reject(new Interrupted());
  }

  /** Ends the process. */
  close(): void {
    this.#closed = true;
    this.#child?.stdin?.end();
    this.#child?.kill();
  }

  #post(op: keyof CheckerOperations, args: unknown[]): Promise<unknown> {
    if (this.#child === undefined) this.#start();
    this.#lastId += 1;
    const question: Question = { id: this.#lastId, op, args };
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { resolve, reject });
      this.#child?.stdin?.write(`${JSON.stringify(question)}\n`);
    });
  }

  #start(): void {
    const child = spawn(process.execPath, this.#args, {
      stdio: ['pipe', 'pipe', 2], // its complaints are for the log, not for the cell
      env: { ...process.env, ...this.#command.env },
      detached: true // a Ctrl+C at the console is for the cell, not for the checker
    });
    this.#child = child;
    let rest = '';
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#settle(JSON.parse(line) as Answer);
    });
    child.stdin?.on('error', () => undefined); // the end of the process tells it too
    child.on('error', error => this.#lost(child, error));
    child.on('exit', () => this.#lost(child));
    child.unref();
    void this.#restore();
  }

  async #restore(): Promise<void> {
    const questions = [
      this.#post('configure', [this.#places]),
      ...this.#kept.map(code => this.#post('check', [code, true]))
    ];
    await Promise.allSettled(questions);
  }

  #settle({ id, result, error }: Answer): void {
    this.#answered = true;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  #lost(child: ChildProcess, cause?: Error): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (!this.#answered) this.#args = this.#command.fallback; // a snapshot that does not fit
    const error = new KernelError(
      'checker/lost',
      'the type checker ended; it starts again with the next cell',
      { cause }
    );
    this.#reject(error);
  }

  #reject(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

function isKept(result: unknown): boolean {
  return (result as { compiled?: unknown }).compiled !== undefined;
}
