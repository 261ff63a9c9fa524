import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder that goes when the file's tests have ended. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'joulebook-distributed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
