import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const runtime = join(process.cwd(), 'extension/server/joulebook/runtime/meter.mjs');

/** Starts a meter of this benchmark's own, so that the user's history stays as it is. */
export async function startMeter(): Promise<{ stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'joulebook-bench-'));
  const env = { ...process.env, JUPYTER_RUNTIME_DIR: folder, JUPYTER_DATA_DIR: folder };
  const meter = spawn(process.execPath, [runtime, 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit']
  });
  const lines = createInterface({ input: meter.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  process.env.JOULEBOOK_SOCKET = line.replace(/^ready /, '');
  return {
    async stop() {
      delete process.env.JOULEBOOK_SOCKET;
      const ended = once(meter, 'exit');
      meter.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
