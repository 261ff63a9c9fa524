import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
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

/**
 * The folder of data that a report tells of: the one that was named, else `data` beside the notebook.
 * @returns Its path and size, or null when none was named and there is none.
 * @throws MeterError `cli/bad-argument` when there is no folder of the name given.
 */
export function dataFolderOf({
  data,
  notebook
}: {
  data?: string;
  notebook?: string;
}): { path: string; bytes: number } | null {
  if (data !== undefined) return { path: resolve(data), bytes: folderSize(data) };
  if (notebook === undefined) return null;
  const path = join(dirname(resolve(notebook)), 'data');
  const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? { path, bytes: folderSize(path) } : null;
}
