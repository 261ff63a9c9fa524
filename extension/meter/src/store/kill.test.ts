import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { execution } from './fixtures/executions.ts';
import { readHistory } from './reader.ts';

const kills = 100;
const lanes = 4;
/** Longer than a few hundred commits and the checkpoint after them. */
const longestLifeMs = 60;

/** Starts a writer, kills it at a random moment; answers the last number it said was stored. */
async function writeAndKill(path: string, first: number): Promise<number> {
  const script = join(__dirname, 'fixtures/writer.ts');
  const options = ['--disable-warning=ExperimentalWarning', script, path, String(first)];
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  await pause(Math.random() * longestLifeMs);
  child.kill('SIGKILL');
  await closed;
  // The last line may be cut off.
  return Number(said.split('\n').at(-2) ?? first - 1);
}

function check(path: string, last: number): void {
  const database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
  const stored = [...readHistory(path, {})].flat();
  expect(stored.slice(0, last + 1).map(({ id, status }) => [id, status])).toEqual(
    Array.from({ length: last + 1 }, (_, n) => [execution(n).id, 'ok'])
  );
  // At most the one that was being written stands beyond what was said.
  expect(stored.length).toBeLessThanOrEqual(last + 2 + 1);
}

describe('the history', () => {
  it(`stays whole and complete through ${kills} kill -9 at random moments`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'joulebook-kill-'));
    const lane = async (name: number) => {
      const path = join(folder, `${name}.sqlite`);
      let last = -1;
      for (let n = 0; n < kills / lanes; n++) {
        last = await writeAndKill(path, last + 1);
        check(path, last);
      }
      return last;
    };
    const written = await Promise.all(Array.from({ length: lanes }, (_, name) => lane(name)));
    expect(Math.min(...written)).toBeGreaterThan(kills / lanes);
    rmSync(folder, { recursive: true });
  }, 180_000);
});
