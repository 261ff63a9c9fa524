import { types } from 'node:util';
import { MeterError } from '../errors.ts';

/**
 * What a failed SQLite call means for the history. `unwritable`: nothing can be written now (disk
 * full, locked, read-only), but what is stored is sound. `corrupt`: the file is no sound database.
 */
export type HistoryFailure = 'unwritable' | 'corrupt';

// Primary result codes, https://www.sqlite.org/rescode.html
const unwritable = new Set([
  3, // PERM
  5, // BUSY
  6, // LOCKED
  8, // READONLY
  10, // IOERR
  13, // FULL
  14 // CANTOPEN
]);
const corrupt = new Set([
  11, // CORRUPT
  26 // NOTADB
]);

/**
 * Tells whether a thrown value says something about the history file; undefined when it is a fault
 * of the caller or of the program, which must not be hidden.
 */
export function historyFailureOf(thrown: unknown): HistoryFailure | undefined {
  if (thrown instanceof MeterError) {
    return thrown.code === 'store/newer-schema' ? 'unwritable' : undefined;
  }
  if (!types.isNativeError(thrown)) return undefined;
  if ('errcode' in thrown && typeof thrown.errcode === 'number') {
    const primary = thrown.errcode & 0xff;
    if (corrupt.has(primary)) return 'corrupt';
    return unwritable.has(primary) ? 'unwritable' : undefined;
  }
  // The folder or the file could not be made: EACCES, ENOSPC, EROFS, ENOTDIR...
  return 'syscall' in thrown ? 'unwritable' : undefined;
}
