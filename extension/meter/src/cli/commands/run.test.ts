import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Execution } from '../../execution.ts';
import { homeOfEachTest } from '../fixtures/home.ts';
import { writeNotebook } from '../fixtures/notebook.ts';

const home = homeOfEachTest('cli-run');
const { joulebook } = home;

describe('joulebook run', () => {
  it('meters each cell, writes outputs and energy, and the history knows the notebook', async () => {
    const path = writeNotebook(home.folder, 'print(sum(range(10**6)))', 'x = 1');
    const output = join(home.folder, 'out.ipynb');
    const { code, out } = await joulebook('run', path, '--output', output, '--metadata', '--json');
    const result = JSON.parse(out) as {
      end: string;
      cells: { execution: Execution }[];
      impact: object;
    };
    // No zone is chosen: no grams.
    expect(result.impact).toMatchObject({ carbon: null });
    expect([code, result.end]).toEqual([0, 'completed']);
    expect(result.cells.map(({ execution: { status } }) => status)).toEqual(['ok', 'ok']);
    const written = readFileSync(output, 'utf8');
    expect(written).toContain('499999500000');
    const { cells } = JSON.parse(written) as { cells: { metadata: { joulebook: object } }[] };
    expect(cells[0]?.metadata.joulebook).toMatchObject({ id: result.cells[0]?.execution.id });
    const history = await joulebook('export', '--notebook', path, '--json');
    const rows = JSON.parse(history.out) as Execution[];
    expect(rows.map(({ cell_id }) => cell_id)).toEqual(['cell-0', 'cell-1']);
  });

  it('keeps what ran, and names the cells without energy, when the meter has left for good', async () => {
    const [gone, folderOfMeter] = [join(home.folder, 'gone'), home.places.privateDir];
    const path = writeNotebook(
      home.folder,
      'print("before")',
      `import json, os, socket
def ask(path):
    with socket.socket(socket.AF_UNIX) as asks:
        asks.connect(${JSON.stringify(home.places.socket)})
        asks.sendall(f'GET {path} HTTP/1.0\\r\\n\\r\\n'.encode())
        return json.loads(b''.join(iter(lambda: asks.recv(65536), b'')).split(b'\\r\\n\\r\\n')[1])
while not ask('/v1/executions?status=ok')['executions']: pass
meter = ask('/v1/status')['pid']
# No meter starts where its folder is a file.
os.rename(${JSON.stringify(folderOfMeter)}, ${JSON.stringify(gone)})
open(${JSON.stringify(folderOfMeter)}, 'w').close()
os.kill(meter, 9)`,
      'print("after")'
    );
    const output = join(home.folder, 'out.ipynb');
    const { code, out, err } = await joulebook(
      'run',
      path,
      '--output',
      output,
      '--metadata',
      '--json'
    );
    expect(err).toMatch(/no energy of cells 2 and 3.*the meter left.*run it again/);
    const result = JSON.parse(out) as { end: string; meter_lost: string };
    expect([code, result.end]).toEqual([1, 'completed']);
    expect(result.meter_lost).toContain('the meter did not start');
    const written = readFileSync(output, 'utf8');
    expect(written).toContain('after');
    const { cells, metadata } = JSON.parse(written) as {
      cells: { metadata: { joulebook: { total: object } } }[];
      metadata: { joulebook: object };
    };
    const totals = cells.map(({ metadata: { joulebook } }) => joulebook.total);
    const reason = expect.stringContaining('the meter left') as string;
    expect(totals).toMatchObject([
      { joules: expect.any(Number) as number },
      { reason },
      { reason }
    ]);
    expect(metadata.joulebook).toMatchObject({ methods: { policy: 'active' } });
  });

  it('ends with code 1 and the error of the cell that fails', async () => {
    const { code, out, err } = await joulebook('run', writeNotebook(home.folder, '1', '1/0', '2'));
    expect(code).toBe(1);
    expect(out).toMatch(/1\/3 +ok[^]*2\/3 +error[^]*total/);
    expect(err).toContain('cell 2: ZeroDivisionError: division by zero');
  });

  it('says which Python is missing', async () => {
    home.environment['JOULEBOOK_PYTHON'] = '/no/python';
    const { code, err } = await joulebook('run', writeNotebook(home.folder, '1'));
    expect([code, err]).toEqual([1, expect.stringContaining('cannot run /no/python (ENOENT)')]);
  });
});
