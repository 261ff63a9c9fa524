import { appendFileSync, renameSync, statSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** A log of at most twice this size stays on disk: the file and the one before it. */
const maxBytes = 2 ** 20;
const maxLine = 4000;

/**
 * Opens the daemon's log, a line an entry with its date. When it has grown to 1 MiB it becomes
 * `<path>.1` and a new one begins. A log that cannot be written is no reason to stop.
 */
export function openLog(path: string): (message: string) => void {
  let bytes = sizeOf(path);
  return message => {
    // A message may quote what a kernel or a client sent: it stays on its line.
    const text = stripVTControlCharacters(message)
      .replaceAll(/\s*\n\s*/g, ' | ')
      .slice(0, maxLine);
    const line = `${new Date().toISOString()} ${text}\n`;
    try {
      if (bytes > maxBytes) {
        renameSync(path, `${path}.1`);
        bytes = 0;
      }
      appendFileSync(path, line, { mode: 0o600 });
      bytes += Buffer.byteLength(line);
    } catch {
      bytes = 0;
    }
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
