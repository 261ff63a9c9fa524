import { realpathSync, type Stats, statSync } from 'node:fs';

/** A path without links; undefined when there is nothing, or nothing that may be seen. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** What is at a path; undefined when there is nothing, or nothing that may be seen. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Its folder may not be entered any more.
    return undefined;
  }
}

/** Tells a file from what it is after it has been written anew. */
export function stampOf(path: string): string | undefined {
  const found = statOf(path);
  return found && `${found.ino} ${found.mtimeMs} ${found.size}`;
}
