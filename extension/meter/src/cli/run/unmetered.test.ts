import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../api/client.ts';
import { executorOf, kernel, say, StandInMeter } from './fixtures/stand-ins.ts';
import { RunReport } from './report.ts';
import { run } from './run.ts';

const cell = { index: 0, cell_id: 'c', msg_id: 'm' };
const notebook = say({ event: 'notebook', cells: [0] });
const started = say({ event: 'kernel', connection_file: kernel.connection_file });
const sent = say({ event: 'sent', ...cell, source: '1' });
const ended = say({ event: 'ended', ...cell, status: 'ok' });
const failed = say({ event: 'failed', index: 0, name: 'N', message: 'M', traceback: '' });

let folder: string;
let meter: StandInMeter;
let report: RunReport;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-unmetered-'));
  // It leaves at the first cell, whose name it is told.
  meter = new StandInMeter(() => meter.leave());
  report = new RunReport();
});
afterEach(() => {
  meter.leave();
  rmSync(folder, { recursive: true });
});

/** Runs what these lines of a shell say, with a meter that cannot be started again. */
const runOf = (lines: string[], budget?: number) =>
  run(new ApiClient(join(folder, 'meter.sock')), report, {
    python: executorOf(folder, ...lines),
    notebook: join(folder, 'a.ipynb'),
    environment: process.env,
    budget,
    ensureMeter: () => Promise.reject(new Error('the meter did not start')),
    onChange: () => {}
  });

describe('a run whose meter leaves for good', () => {
  const interruptible = [notebook, started, 'read go', sent, 'read word', `[ $word ] && ${failed}`];

  it('is interrupted where it has a budget, which nobody watches any more', async () => {
    await meter.start(join(folder, 'meter.sock'));
    expect(await runOf(interruptible, 500)).toBe('unmetered');
    expect(report).toMatchObject({ meterLost: 'the meter did not start', failure: { name: 'N' } });
    expect(report.unmetered).toHaveLength(1);
  });

  it('does not begin where it has a budget', async () => {
    const lines = [notebook, started, `read go && ${sent}`, failed, 'exit 1'];
    expect(await runOf(lines, 500)).toBe('unmetered');
    expect(report.cells).toEqual([]);
  });

  it('has not kept its budget for certain when the energy of its last cell is lost', async () => {
    expect(await runOf([notebook, sent, ended], 500)).toBe('unmetered');
    expect(report.failure).toBeNull();
  });

  it('goes on where it has none', async () => {
    expect(await runOf([notebook, started, 'read go', sent, ended])).toBe('completed');
    expect(report.meterLost).toBe('the meter did not start');
  });
});
