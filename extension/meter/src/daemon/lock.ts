import { chmodSync, closeSync, mkdirSync, openSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { types } from 'node:util';

// https://www.sqlite.org/rescode.html
const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

/** A lock that is held until it is released or the process ends, however it ends. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock file at `path`, or returns undefined when another living process holds it. Node has
 * no file locks, but SQLite has: an open exclusive transaction holds one that the system drops with
 * its process, so no lock is ever stale and two that start at once cannot both have it.
 * @see https://www.sqlite.org/lockingv3.html
 */
export function takeLock(path: string): Lock | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  try {
    return lockFile(path);
  } catch (error) {
    if (resultOf(error) === SQLITE_BUSY) return undefined;
    if (resultOf(error) !== SQLITE_NOTADB) throw error;
    // Something else wrote the file. Emptied, not removed: locks are on the file, not on its name.
    truncateSync(path);
    return lockFile(path);
  }
}

/** Whether a living process holds the lock file at `path`; false when there is no such file. */
export function isLockHeld(path: string): boolean {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      // Reading the schema needs a shared lock, which an exclusive one refuses.
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
      return false;
    } finally {
      database.close();
    }
  } catch (error) {
    return resultOf(error) === SQLITE_BUSY;
  }
}

function lockFile(path: string): Lock {
  const database = new DatabaseSync(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw error;
  }
  return { release: () => database.close() };
}

function resultOf(error: unknown): unknown {
  return types.isNativeError(error) && 'errcode' in error ? error.errcode : undefined;
}
