import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { monotonicNs } from './clock.ts';
import type { Execution } from './execution.ts';
import { Meter } from './meter.ts';
import { placesOf } from './paths.ts';
import { running } from './store/fixtures/executions.ts';

let folder: string;
let kernel: ChildProcess;
let meter: Meter;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'resumed-policy-'));
  mkdirSync(join(folder, 'temp'));
  const path = join(folder, 'kernel-1.json');
  writeFileSync(path, JSON.stringify({ transport: 'tcp', ip: '127.0.0.1', iopub_port: 1 }));
  kernel = spawn('sh', ['-c', 'read line', 'kernel', '-f', path], { stdio: 'pipe' });
  await once(kernel, 'spawn');
  const places = placesOf({
    JUPYTER_RUNTIME_DIR: folder,
    JUPYTER_DATA_DIR: folder,
    JOULEBOOK_SYSFS: folder,
    TMPDIR: join(folder, 'temp')
  });
  const readerEntry = join(__dirname, 'sensors/reader-thread.ts');
  meter = new Meter({ places, policy: 'active', readerEntry });
  await meter.start();
});
afterEach(async () => {
  kernel.kill('SIGKILL');
  await meter.stop();
  rmSync(folder, { recursive: true });
});

it('goes on with the policy that a cell had under an earlier daemon', async () => {
  const told = once(meter, 'progress');
  const began = { start_ns: monotonicNs(), started_at: new Date().toISOString() };
  meter.resume([running(1, { ...began, kernel_id: '1', policy: 'exclusive' })]);
  const [execution] = (await told) as [Execution];
  expect(execution).toMatchObject({ kernel_id: '1', policy: 'exclusive' });
  expect(meter.status().policy).toBe('active');
});
