import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../api/client.ts';
import { RunReport } from './report.ts';
import { run } from './run.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-run-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A Python that says these events of an executor, then ends. */
function executorThatSays(...events: object[]): string {
  const path = join(folder, 'python');
  const lines = events.map(event => `echo '${JSON.stringify(event)}'`);
  writeFileSync(path, ['#!/bin/sh', ...lines].join('\n'), { mode: 0o755 });
  return path;
}

describe('run', () => {
  it('comes to its end without a meter that cannot be started again, and keeps the reason', async () => {
    const cell = { index: 0, cell_id: 'c', msg_id: 'm' };
    const report = new RunReport();
    const end = await run(new ApiClient(join(folder, 'no.sock')), report, {
      python: executorThatSays(
        { event: 'notebook', cells: [0] },
        { event: 'sent', ...cell, source: '1' },
        { event: 'ended', ...cell, status: 'ok' }
      ),
      notebook: join(folder, 'a.ipynb'),
      environment: process.env,
      ensureMeter: () => Promise.reject(new Error('the meter did not start')),
      onChange: () => {}
    });
    expect([end, report.meterLost]).toEqual(['completed', 'the meter did not start']);
    expect(report.cells).toMatchObject([{ status: 'ok', execution: null }]);
  });
});
