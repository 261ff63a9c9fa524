import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Execution } from '../../execution.ts';
import { homeOfEachTest } from '../fixtures/home.ts';
import { writeNotebook } from '../fixtures/notebook.ts';

const home = homeOfEachTest('cli-run-greenest');
const { joulebook } = home;

describe('joulebook run --greenest', () => {
  it('does not put off what it has never seen run, nor what runs for minutes', async () => {
    const path = writeNotebook(home.folder, '1');
    const unknown = await joulebook('run', path, '--greenest', '--within', '12h');
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('--expect 2h')]);
    const brief = await joulebook('run', path, '--greenest', '--expect', '3m');
    expect([brief.code, brief.err]).toEqual([
      0,
      expect.stringContaining('saves nothing worth claiming')
    ]);
    const long = await joulebook('run', path, '--greenest', '--expect', '2h');
    expect([long.code, long.err]).toEqual([1, expect.stringContaining('no forecast of the grid')]);
  });

  it('waits for the greenest time that a service foresees, and runs then', async () => {
    const path = writeNotebook(home.folder, '1');
    let begins = 0;
    const service = createServer((_, response) => {
      begins ||= Date.now() + 5_000;
      const span = (from: number, to: number, forecast: number) => ({
        ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString() },
        intensity: { forecast, actual: null }
      });
      const hours = 3_600_000;
      const data = [span(begins - hours, begins, 300), span(begins, begins + 2 * hours, 100)];
      response.end(JSON.stringify({ data }));
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const { port } = service.address() as AddressInfo;
    home.environment['JOULEBOOK_NESO_URL'] = `http://127.0.0.1:${port}`;
    const store = home.openStore();
    store.saveSettings({ impact: { zone: 'GB', service: 'neso' } });
    store.close();
    const options = ['--greenest', '--within', '1h', '--expect', '30m', '--json'];
    const { code, out, err } = await joulebook('run', path, ...options);
    service.close();
    // Of the half hour, seconds alone would be at 300: nothing to claim grams for.
    expect(err).toMatch(/^waits .*: 100 g\/kWh instead of 10\d in Great Britain; how many grams/m);
    const { cells } = JSON.parse(out) as { cells: { execution: Execution }[] };
    expect(code).toBe(0);
    expect(Date.parse(cells[0]!.execution.started_at)).toBeGreaterThanOrEqual(begins);
  });
});
