import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Json } from '../wire/message.ts';

/** An entry as `history_reply` carries it: session, line, and the input or `[input, output]`. */
export type HistoryEntry = [number, number, string | [string, string | null]];

interface Row {
  session: number;
  line: number;
  source: string;
  output: string | null;
}

/** Outputs are kept up to this length, in UTF-16 units. */
const longestOutput = 10_000;

const schema = `
create table if not exists sessions (session integer primary key autoincrement, started text not null);
create table if not exists inputs (
  session integer not null, line integer not null, source text not null, output text,
  primary key (session, line)
) without rowid;`;

/** The inputs of this and earlier sessions, on disk. */
export class History {
  readonly #database: DatabaseSync;
  readonly #session: number;

  /**
   * Opens the history and begins a session.
   * @param path The file; `:memory:` keeps this session only.
   * @throws When the file cannot be opened.
   */
  constructor(path: string) {
    const { DatabaseSync: Database } = process.getBuiltinModule('node:sqlite');
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#database = new Database(path);
    if (path !== ':memory:') chmodSync(path, 0o600);
    this.#database.exec(
      'pragma busy_timeout = 2000; pragma journal_mode = wal; pragma synchronous = off;'
    );
    this.#database.exec(schema);
    const { lastInsertRowid } = this.#database
      .prepare('insert into sessions (started) values (?)')
      .run(new Date().toISOString());
    this.#session = Number(lastInsertRowid);
  }

  /** Keeps an input of this session. */
  add(line: number, source: string): void {
    this.#database
      .prepare('insert or replace into inputs (session, line, source) values (?, ?, ?)')
      .run(this.#session, line, source);
  }

  /** Keeps the result of an input of this session, as text. */
  addOutput(line: number, output: string): void {
    this.#database
      .prepare('update inputs set output = ? where session = ? and line = ?')
      .run(output.slice(0, longestOutput), this.#session, line);
  }

  /** Answers a `history_request`. */
  answer(request: Json): HistoryEntry[] {
    const rows = this.#rows(request);
    return rows.map(({ session, line, source, output }) => [
      session,
      line,
      request.output === true ? [source, output] : source
    ]);
  }

  /** Ends the session. */
  close(): void {
    this.#database.close();
  }

  #rows(request: Json): Row[] {
    const type = request.hist_access_type;
    if (type === 'range') return this.#range(request);
    const n = typeof request.n === 'number' && request.n > 0 ? request.n : 1_000_000;
    if (type === 'search') return this.#search(request, n);
    return this.#query('order by session desc, line desc limit ?', n).reverse();
  }

  #range(request: Json): Row[] {
    const session = typeof request.session === 'number' ? request.session : 0;
    const start = typeof request.start === 'number' ? request.start : 1;
    const stop = typeof request.stop === 'number' ? request.stop : Number.MAX_SAFE_INTEGER;
    return this.#query(
      'where session = ? and line >= ? and line < ? order by line',
      session > 0 ? session : this.#session + session,
      start,
      stop
    );
  }

  #search(request: Json, n: number): Row[] {
    const pattern = typeof request.pattern === 'string' ? request.pattern : '*';
    const order = 'order by session desc, line desc limit ?';
    const found = this.#query(`where source glob ? ${order}`, pattern, request.unique ? -1 : n);
    if (request.unique !== true) return found.reverse();
    const latest = new Map<string, Row>();
    for (const row of found) if (!latest.has(row.source)) latest.set(row.source, row);
    return [...latest.values()].slice(0, n).reverse();
  }

  #query(rest: string, ...values: (string | number)[]): Row[] {
    return this.#database
      .prepare(`select session, line, source, output from inputs ${rest}`)
      .all(...values) as unknown as Row[];
  }
}
