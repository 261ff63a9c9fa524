import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { MeterError } from '../errors.ts';

/** Beside the bundle, beside the compiled entry, beside the source. */
const names = ['meter-reader.mjs', 'sensors/reader-thread.js', 'sensors/reader-thread.ts'];

/**
 * The reader thread's script, found from the program that runs.
 * @param program Default: the script Node was started with.
 * @throws MeterError `sensor/reader-stopped` when it is nowhere.
 */
export function readerEntry(program = process.argv[1] ?? ''): string {
  const folder = existsSync(program) ? dirname(realpathSync(program)) : process.cwd();
  const found = names.map(name => join(folder, name)).find(path => existsSync(path));
  if (found) return found;
  throw new MeterError(
    'sensor/reader-stopped',
    `expected one of ${names.join(', ')} in ${folder}: build the project, or install it again`
  );
}
