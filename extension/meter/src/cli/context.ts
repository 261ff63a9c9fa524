import { styleText } from 'node:util';
import type { Places } from '../paths.ts';

/** A colour or weight of text. */
export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

/** What a command works with. */
export interface CliContext {
  places: Places;
  environment: Record<string, string | undefined>;
  /** The program that runs this: starts a daemon as `node ...self serve --lease`. */
  self: string[];
  output: Output;
}

/** Where a command writes. Colours come only on a terminal, and not where `NO_COLOR` is set. */
export class Output {
  readonly #out: NodeJS.WriteStream;
  readonly #err: NodeJS.WriteStream;
  #aside: Output | undefined;

  constructor(out: NodeJS.WriteStream = process.stdout, err: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
    this.#err = err;
    // `joulebook export | head` is no failure.
    out.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(0);
    });
  }

  /** Where a person may be told how it goes while the result goes elsewhere: the stream of notes. */
  get aside(): Output {
    return (this.#aside ??= new Output(this.#err, this.#err));
  }

  /** Whether a person watches. */
  get isTerminal(): boolean {
    return this.#out.isTTY === true;
  }

  /** Columns of the terminal, 80 where there is none. */
  get columns(): number {
    return this.#out.columns || 80;
  }

  /** Rows of the terminal, 24 where there is none. */
  get rows(): number {
    return this.#out.rows || 24;
  }

  /** Writes a line. */
  line(text = ''): void {
    this.#out.write(`${text}\n`);
  }

  /** Writes text as it is. */
  write(text: string): boolean {
    return this.#out.write(text);
  }

  /** Writes an object as JSON on lines of its own. */
  json(value: unknown): void {
    this.line(JSON.stringify(value, null, 2));
  }

  /** Writes a note for the person, apart from the result. */
  note(text: string): void {
    this.#err.write(`${text}\n`);
  }

  /** Colours text, if this is the place for it. */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#out });
  }
}
