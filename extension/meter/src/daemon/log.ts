import { closeSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** A log of at most twice this size stays on disk: the file and the one before it. */
const maxBytes = 2 ** 20;
const maxLine = 4000;

/**
 * Opens the daemon's log, a line an entry with its date. When it has grown to 1 MiB it becomes
 * `<path>.1` and a new one begins. A log that cannot be written is no reason to stop. It stays open
 * until the process ends: that no file can be opened any more is what it must be able to say.
 */
export function openLog(path: string): (message: string) => void {
  const log = new LogFile(path);
  return message => {
    // A message may quote what a kernel or a client sent: it stays on its line.
    const text = stripVTControlCharacters(message)
      .replaceAll(/\s*\n\s*/g, ' | ')
      .slice(0, maxLine);
    log.write(`${new Date().toISOString()} ${text}\n`);
  };
}

class LogFile {
  readonly #path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
    this.write('');
  }

  write(text: string): void {
    try {
      const there = statSync(this.#path, { throwIfNoEntry: false });
      const isFull = there !== undefined && there.size > maxBytes;
      if (isFull) renameSync(this.#path, `${this.#path}.1`);
      // Somebody may have taken the file away.
      if (isFull || !this.#isOpenAs(there?.ino)) this.#open();
      if (this.#file !== undefined) writeSync(this.#file, text);
    } catch {
      // The next entry tries again.
    }
  }

  #isOpenAs(inode: number | undefined): boolean {
    return this.#file !== undefined && fstatSync(this.#file).ino === inode;
  }

  #open(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#file = openSync(this.#path, 'a', 0o600);
  }
}
