import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MeterError } from '../../errors.ts';

/**
 * The bytes of all files below a folder; links are not followed.
 * @throws MeterError `cli/bad-argument` when there is no such folder.
 */
export function folderSize(path: string): number {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new MeterError('cli/bad-argument', `expected a folder, found none at ${path}`);
  }
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0);
}
