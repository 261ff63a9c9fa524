import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../api/client.ts';
import { executorOf, kernel, say, StandInMeter } from './fixtures/stand-ins.ts';
import { RunReport } from './report.ts';
import { run } from './run.ts';

let folder: string;
let meter: StandInMeter;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-policy-'));
});
afterEach(() => {
  meter.leave();
  rmSync(folder, { recursive: true });
});

describe('the policy of a run', () => {
  it('is set again on a meter that is started again meanwhile', async () => {
    const [socket, flag] = [join(folder, 'meter.sock'), join(folder, 'flag')];
    const told: unknown[] = [];
    meter = new StandInMeter((path, body) => {
      told.push(['first', path, body]);
      meter.leave();
    });
    await meter.start(socket);
    const second = new StandInMeter((path, body) => {
      told.push(['second', path, body]);
      writeFileSync(flag, '');
    });
    const end = await run(new ApiClient(socket), new RunReport(), {
      python: executorOf(
        folder,
        say({ event: 'kernel', connection_file: kernel.connection_file }),
        `while [ ! -e ${flag} ]; do sleep 0.02; done`
      ),
      notebook: join(folder, 'a.ipynb'),
      environment: process.env,
      policy: 'exclusive',
      ensureMeter: () => {
        meter = second;
        return meter.start(socket);
      },
      onChange: () => {}
    });
    expect(end).toBe('completed');
    const path = `/v1/kernels/${kernel.kernel_id}/policy`;
    expect(told).toEqual([
      ['first', path, { policy: 'exclusive' }],
      ['second', path, { policy: 'exclusive' }]
    ]);
  });
});
