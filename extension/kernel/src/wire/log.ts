import { writeSync } from 'node:fs';

/** Tells the kernel's log something; the standard streams themselves may be a notebook's. */
export function log(text: string): void {
  try {
    writeSync(2, `joulebook kernel: ${text}\n`);
  } catch {
    // nobody listens to the log any more
  }
}
