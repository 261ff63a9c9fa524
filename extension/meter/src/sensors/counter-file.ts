import { closeSync, openSync, readSync } from 'node:fs';

import { MeterError, reasonOf, systemCodeOf } from '../errors.ts';

const zero = 48;
const nine = 57;
const minus = 45;
const attempts = 5;

/**
 * A file of sysfs or procfs that holds one whole number, kept open: a read is one `pread`, under a
 * microsecond on sysfs.
 */
export class CounterFile {
  readonly path: string;
  readonly #buffer = Buffer.alloc(64);
  #descriptor: number;

  /**
   * Opens the file.
   * @throws MeterError `sensor/denied`, `sensor/absent` or `sensor/unreadable`.
   */
  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (error) {
      throw asMeterError(path, error);
    }
  }

  /**
   * The number in the file now.
   * @throws MeterError `sensor/unreadable` with the system's reason, or when there is no number.
   */
  read(): number {
    let length = 0;
    try {
      // A plain file that stands in for sysfs is empty for a moment while it is written anew.
      for (let attempt = 0; attempt < attempts && length === 0; attempt++) {
        length = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0);
      }
    } catch (error) {
      throw asMeterError(this.path, error);
    }
    const negative = this.#buffer[0] === minus;
    let value = 0;
    let index = negative ? 1 : 0;
    for (; index < length; index++) {
      const digit = this.#buffer[index] ?? 0;
      if (digit < zero || digit > nine) break;
      value = value * 10 + digit - zero;
    }
    if (index === (negative ? 1 : 0)) {
      const text = this.#buffer.toString('latin1', 0, length);
      throw new MeterError(
        'sensor/unreadable',
        `expected a whole number in ${this.path}, got ${JSON.stringify(text)}`
      );
    }
    return negative ? -value : value;
  }

  /** Closes the file; a second call does nothing. */
  close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}

/** One number from a file that is opened just for it. Throws as CounterFile does. */
export function readNumber(path: string): number {
  const file = new CounterFile(path);
  try {
    return file.read();
  } finally {
    file.close();
  }
}

function asMeterError(path: string, error: unknown): MeterError {
  const system = systemCodeOf(error);
  if (system === 'EACCES' || system === 'EPERM') {
    return new MeterError('sensor/denied', `no permission to read ${path}`, { cause: error });
  }
  if (system === 'ENOENT' || system === 'ENODEV' || system === 'ENXIO') {
    return new MeterError('sensor/absent', `${path} is not there (any more): ${system}`, {
      cause: error
    });
  }
  return new MeterError('sensor/unreadable', `cannot read ${path}: ${system ?? reasonOf(error)}`, {
    cause: error
  });
}
