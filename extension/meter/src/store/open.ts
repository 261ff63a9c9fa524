import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { historyFailureOf } from './failures.ts';
import { migrate } from './schema.ts';

/** How long a write waits for another daemon's lock on the same file, in ms. */
const busyTimeoutMs = 1000;
/** Checking every page of a larger file would delay the start; its faults show when they are read. */
const quickCheckBytes = 64 * 2 ** 20;

/** An open history, and the path of the corrupt file that it replaces, if there was one. */
export interface OpenedHistory {
  database: DatabaseSync;
  setAside?: string;
}

/**
 * Opens or creates the history at `path`: folder 0700, file 0600, WAL, newest schema. A corrupt file
 * is renamed to `<name>-corrupt-<date>.sqlite` beside it, never deleted.
 * @throws what `historyFailureOf` calls `unwritable`.
 */
export function openHistory(path: string, now: Date = new Date()): OpenedHistory {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    return { database: openSound(path) };
  } catch (error) {
    if (historyFailureOf(error) !== 'corrupt') throw error;
  }
  const setAside = setHistoryAside(path, now);
  return { database: openSound(path), setAside };
}

/** A history that lives in memory only, for as long as the file cannot be written. */
export function openInMemory(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  migrate(database);
  return database;
}

/**
 * Renames a corrupt history, its write-ahead log included.
 * @returns the new path.
 */
export function setHistoryAside(path: string, now: Date): string {
  const extension = extname(path);
  const stem = join(dirname(path), basename(path, extension));
  const stamp = now.toISOString().replaceAll(':', '-').replace(/\..*/, '');
  let target = `${stem}-corrupt-${stamp}${extension}`;
  for (let n = 2; existsSync(target); n++) target = `${stem}-corrupt-${stamp}-${n}${extension}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
}

function openSound(path: string): DatabaseSync {
  // SQLite gives the log beside it the same mode.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON'
    );
    if (statSync(path).size <= quickCheckBytes) check(database);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function check(database: DatabaseSync): void {
  const result = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (result !== 'ok') {
    throw Object.assign(new Error(`quick_check: ${String(result)}`), { errcode: 11 });
  }
}
