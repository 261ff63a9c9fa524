import { statSync } from 'node:fs';
import { reasonOf } from '../errors.ts';
import { historyFailureOf } from './failures.ts';
import { HistoryDatabase } from './history-database.ts';
import { openHistory, openInMemory, setHistoryAside, type OpenedHistory } from './open.ts';

/** How the history is doing, for `/v1/status` and `joulebook doctor`. */
export interface HistoryState {
  path: string;
  /** `memory`: the file cannot be written now; executions wait in memory and are written later. */
  state: 'file' | 'memory';
  /** What is wrong and what happens next; null when nothing is. */
  detail: string | null;
  /** Where a corrupt file was put by this daemon. */
  set_aside: string | null;
  /** Executions that wait in memory. */
  waiting: number;
}

/** How to open a history; tests pass an opener of their own. */
export type HistoryOpener = (path: string) => OpenedHistory;

/**
 * A history file with a memory database beside it, which takes over while the file cannot be
 * written. A corrupt file is set aside and a new one begun. Nothing put here is lost while the
 * process lives.
 */
export class FallbackHistory {
  readonly memory = new HistoryDatabase(openInMemory());
  readonly #path: string;
  readonly #open: HistoryOpener;
  readonly #say: (message: string) => void;
  #file: HistoryDatabase | undefined;
  #inode: number | undefined;
  #trouble: string | null = null;
  #setAside: string | null = null;

  /**
   * Opens the file, or goes on in memory when that fails.
   * @param say Told each change for the worse or the better, in a sentence.
   */
  constructor(path: string, say: (message: string) => void, open: HistoryOpener = openHistory) {
    this.#path = path;
    this.#open = open;
    this.#say = say;
    this.#openFile();
  }

  /** The file's database while it is open, then the memory's if anything waits there. */
  get readable(): HistoryDatabase[] {
    const sources = this.#file === undefined ? [] : [this.#file];
    return this.#trouble === null ? sources : [...sources, this.memory];
  }

  /** How the history is doing. */
  get state(): HistoryState {
    return {
      path: this.#path,
      state: this.#trouble === null ? 'file' : 'memory',
      detail: this.#trouble,
      set_aside: this.#setAside,
      waiting: this.memory.count()
    };
  }

  /** Writes in one transaction to the file, or to memory while the file cannot be written. */
  write(work: (database: HistoryDatabase) => void): void {
    if (this.#writeToFile(work) === 'done') return;
    this.memory.transaction(() => work(this.memory));
  }

  /** Reads from each readable database; one that turns out corrupt is set aside and reads as empty. */
  read<T>(work: (database: HistoryDatabase) => T): T[] {
    const results: T[] = [];
    for (const database of this.readable) {
      try {
        results.push(work(database));
      } catch (error) {
        this.#recover(error);
      }
    }
    return results;
  }

  /**
   * Tries to write what waits in memory to the file, and begins a new file where somebody has removed
   * or renamed the one in use: what is written there would be lost.
   * @returns whether nothing waits any more.
   */
  flush(move: (from: HistoryDatabase, to: HistoryDatabase) => void): boolean {
    if (this.#file !== undefined && this.#isReplaced()) {
      this.#say(`history: ${this.#path} was removed or renamed; a new one is begun`);
      this.#file.close();
      this.#file = undefined;
      this.#openFile();
    }
    if (this.#trouble === null) return true;
    if (this.#file === undefined) this.#openFile();
    const file = this.#file;
    if (file === undefined) return false;
    try {
      file.transaction(() => move(this.memory, file));
    } catch (error) {
      this.#recover(error);
      return false;
    }
    this.memory.clear();
    this.#trouble = null;
    this.#say(`history: written to ${this.#path} again`);
    return true;
  }

  /** Closes both databases. */
  close(): void {
    this.#file?.close();
    this.memory.close();
  }

  #writeToFile(work: (database: HistoryDatabase) => void, tries = 2): 'done' | 'failed' {
    const file = this.#file;
    if (file === undefined || this.#trouble !== null) return 'failed';
    try {
      file.transaction(() => work(file));
      return 'done';
    } catch (error) {
      this.#recover(error);
    }
    if (tries > 1) return this.#writeToFile(work, tries - 1);
    this.#enterMemory(new Error('it turned out corrupt twice'));
    return 'failed';
  }

  #isReplaced(): boolean {
    try {
      return inodeOf(this.#path) !== this.#inode;
    } catch {
      // The folder may not be looked into now (EACCES, ESTALE): the next write shows whether the file is well.
      return false;
    }
  }

  #openFile(): void {
    try {
      const { database, setAside } = this.#open(this.#path);
      this.#file = new HistoryDatabase(database);
      this.#inode = inodeOf(this.#path);
      if (setAside !== undefined) this.#noteSetAside(setAside);
    } catch (error) {
      if (historyFailureOf(error) === undefined) throw error;
      this.#enterMemory(error);
    }
  }

  #recover(error: unknown): void {
    const failure = historyFailureOf(error);
    if (failure === undefined) throw error;
    if (failure === 'unwritable') {
      this.#enterMemory(error);
      return;
    }
    this.#file?.close();
    this.#file = undefined;
    this.#beginAnew();
  }

  #beginAnew(): void {
    try {
      this.#noteSetAside(setHistoryAside(this.#path, new Date()));
    } catch (error) {
      if (historyFailureOf(error) === undefined) throw error;
      this.#enterMemory(error);
      return;
    }
    this.#openFile();
  }

  #noteSetAside(path: string): void {
    this.#setAside = path;
    this.#say(`history: ${this.#path} was corrupt; kept as ${path}, a new one begun`);
  }

  #enterMemory(error: unknown): void {
    const trouble =
      `cannot write ${this.#path} (${reasonOf(error)}): ` +
      'executions are kept in memory and written when it works again';
    if (this.#trouble === null) this.#say(`history: ${trouble}`);
    this.#trouble = trouble;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
