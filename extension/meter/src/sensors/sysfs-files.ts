import { readdirSync, readFileSync } from 'node:fs';

/** Names in a folder of sysfs, in order; none when it is not there: a device may go at any moment. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** A small file of sysfs without its line end; empty when it is not there or cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
