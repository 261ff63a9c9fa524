import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { MeterError } from '../errors.ts';

/**
 * Makes a folder that only its user may enter (mode 0700), or makes sure that an existing one is so.
 * @throws MeterError `path/unsafe-folder` when it is a link, no folder, or another user's.
 */
export function makePrivate(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  const user = process.getuid?.() ?? found.uid;
  if (!found.isDirectory() || found.uid !== user) {
    throw new MeterError(
      'path/unsafe-folder',
      `expected ${path} to be a folder of user ${user}, got one of user ${found.uid} or a link: ` +
        'remove it, or set JUPYTER_RUNTIME_DIR to another folder'
    );
  }
  chmodSync(path, 0o700);
}
