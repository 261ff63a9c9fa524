import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Execution } from '../execution.ts';
import { placesOf, type Places } from '../paths.ts';
import { readCalibration } from '../sensors/model.ts';
import { execution } from '../store/fixtures/executions.ts';
import { Store } from '../store/store.ts';
import { bundlePrograms } from './fixtures/bundle.ts';
import { defaultSettings } from '../store/settings.ts';

const root = join(__dirname, '../../../..');
const python = join(root, '.venv/bin/python');
const quiet = '--disable-warning=ExperimentalWarning';

jest.setTimeout(60_000);

let main: string;
let smallDaemon: string;
let folder: string;
let environment: Record<string, string>;
let places: Places;
let daemon: ChildProcess | undefined;

beforeAll(() => {
  ({ main, smallDaemon } = bundlePrograms('cli'));
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-cli-'));
  environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TMPDIR: folder,
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    JUPYTER_DATA_DIR: join(folder, 'data'),
    JUPYTER_PATH: join(root, '.venv/share/jupyter'),
    JOULEBOOK_PYTHON: python,
    PYTHONPATH: join(root, 'extension/server')
  };
  places = placesOf(environment);
});
afterEach(() => {
  daemon?.kill('SIGKILL');
  daemon = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command as a person would; answers what it said. */
async function joulebook(...args: string[]) {
  const child = spawn(process.execPath, [quiet, main, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}

function remember(...executions: Execution[]): void {
  const defaults = defaultSettings({});
  const store = new Store({ path: places.history, owner: places.lock, boot: 'boot', defaults });
  for (const each of executions) store.record(each);
  store.close();
}

/** Starts a daemon on a meter in memory. */
async function startDaemon(): Promise<void> {
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [quiet, smallDaemon], {
    env: environment,
    stdio: [...stdio]
  });
  daemon = child;
  await once(child.stdout, 'data');
}

describe('joulebook', () => {
  const commands = [
    'doctor',
    'calibrate',
    'top',
    'run',
    'report',
    'export',
    'sources',
    'serve',
    'status'
  ];

  it('explains itself and each command, which all take --json', async () => {
    const { code, out } = await joulebook('--help');
    expect(code).toBe(0);
    for (const command of [...commands, 'publish', 'verify', 'new'])
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    const helps = await Promise.all(commands.map(command => joulebook(command, '--help')));
    for (const help of helps)
      expect([help.code, help.out]).toEqual([0, expect.stringContaining('--json')]);
  });

  it.each([
    [['fly']],
    [['export', '--format', 'xml']],
    [['export', '--since', 'yesterday']],
    [['run']],
    [['run', '/no/such/notebook.ipynb']],
    [['run', __filename, '--budget', '-1']],
    [['run', __filename, '--greenest', '--within', 'soon']],
    [['status', '--loud']]
  ])('answers the wrong usage %j with code 2 and a word on standard error', async args => {
    const { code, out, err } = await joulebook(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: /);
  });

  it('tells with code 1 that no meter runs', async () => {
    const { code, out } = await joulebook('status');
    expect([code, out]).toEqual([1, `not running (nothing at ${places.socket})\n`]);
    expect(existsSync(places.lock)).toBe(false);
  });
});

describe('joulebook export', () => {
  it('prints the executions of the file where no meter runs', async () => {
    remember(execution(1), execution(2));
    const { code, out } = await joulebook('export', '--format', 'jsonl');
    const lines = out.trimEnd().split('\n');
    expect(lines.map(line => JSON.parse(line) as Execution)).toEqual([execution(1), execution(2)]);
    expect(code).toBe(0);
    expect(existsSync(places.lock)).toBe(false);
  });

  it('prints nothing, and no error, where there is no history', async () => {
    expect(await joulebook('export')).toEqual({ code: 0, out: '', err: '' });
    expect((await joulebook('export', '--json')).out).toBe('[\n\n]\n');
  });

  it('asks a running meter', async () => {
    await startDaemon();
    const told = { name: 'finished', execution: execution(7) };
    daemon?.stdin?.write(`${JSON.stringify(told)}\n`);
    for (let out = ''; out === ''; { out } = await joulebook('export')) expect(out).toBe('');
    expect(JSON.parse((await joulebook('export')).out)).toEqual(execution(7));
  });

  it('filters by notebook and time', async () => {
    remember(...Array.from({ length: 30 }, (_, n) => execution(n)));
    const { notebook, started_at } = execution(3);
    const filter = ['--notebook', notebook ?? '', '--since', execution(10).started_at];
    const { out } = await joulebook('export', '--json', ...filter);
    expect((JSON.parse(out) as Execution[]).map(({ id }) => Number(id))).toEqual([13, 23]);
    expect(started_at < execution(10).started_at).toBe(true);
  });

  it('writes CSV with a header, to a file', async () => {
    remember(execution(1, { notebook: '/a, "b".ipynb' }));
    const file = join(folder, 'out.csv');
    expect((await joulebook('export', '--format', 'csv', '--output', file)).out).toBe('');
    const [header = '', row = ''] = readFileSync(file, 'utf8').split('\r\n');
    expect(header).toMatch(/^id,notebook,cell_id,.*joules,low,high,kind,package_joules/);
    expect(row).toContain('"/a, ""b"".ipynb"');
  });

  it('names the file that it cannot write', async () => {
    const file = join(folder, 'no', 'such', 'out.jsonl');
    const { code, err } = await joulebook('export', '--output', file);
    expect([code, err]).toEqual([2, expect.stringMatching(/^error: .*out\.jsonl \(ENOENT\)/)]);
  });
});

describe('joulebook report', () => {
  it('sums up by notebook and by cell', async () => {
    remember(execution(1), execution(11), execution(2));
    const { out } = await joulebook('report');
    expect(out).toMatch(/notebook-1\.ipynb +2 +1\.0 s +14\.0 J ± 0\.6/);
    expect(out).toMatch(/total +3 +1\.5 s +17\.0 J ± 0\.6/);
    const notebook = ['--notebook', execution(1).notebook ?? ''];
    const { cells } = JSON.parse((await joulebook('report', '--json', ...notebook)).out) as {
      cells: { name: string; total: { joules: number } }[];
    };
    expect(cells.map(({ name, total }) => [name, total.joules])).toEqual([
      ['cell-11', 12],
      ['cell-1', 2]
    ]);
  });

  it('writes one page that asks for nothing else, and escapes what it shows', async () => {
    remember(execution(1, { notebook: '/<script>alert(1)</script>.ipynb' }), execution(2));
    const file = join(folder, 'report.html');
    const { code, out } = await joulebook('report', '--html', file, '--data', folder);
    expect([code, out]).toEqual([0, `${file}\n`]);
    const page = readFileSync(file, 'utf8');
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(/);
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(3);
    expect(page).toContain('choose a grid zone');
    expect(page).toMatch(/the folder of data.*kept for a year/);
    expect(page).toContain('joulebook settings device=laptop');
    expect(page.length).toBeLessThan(200_000);
  });

  it('tells the size of the data beside the notebook, and what keeping it for a year takes', async () => {
    const notebook = join(folder, 'nb.ipynb');
    remember(execution(1, { notebook }));
    mkdirSync(join(folder, 'data/deep'), { recursive: true });
    writeFileSync(join(folder, 'data/deep/images.bin'), Buffer.alloc(2_000_000));
    const { out } = await joulebook('report', '--notebook', notebook, '--json');
    const { data } = JSON.parse(out) as { data: { bytes: number; kept_for_a_year: object } };
    expect(data).toMatchObject({ path: join(folder, 'data'), kept_for_a_year: { unit: 'kWh' } });
    expect(data.bytes).toBeGreaterThanOrEqual(2_000_000);
    const refused = await joulebook('report', '--data', join(folder, 'nowhere'));
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('found none at')]);
  });

  it('lists the grid zones without a network', async () => {
    const { out } = await joulebook('zones', 'france');
    expect(out).toMatch(/^FR +France +31 \(/m);
    expect(
      (JSON.parse((await joulebook('zones', '--json')).out) as object[]).length
    ).toBeGreaterThan(300);
    expect(await joulebook('zones', 'atlantis')).toMatchObject({ code: 2, out: '' });
  });

  it('lists every coefficient with source, licence and age', async () => {
    const { code, out } = await joulebook(
      ...['sources', '--zone', 'FR', '--country', 'FRA', '--json']
    );
    const all = JSON.parse(out) as { id: string; licence: string; age_years: number }[];
    expect(code).toBe(0);
    expect(all.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        ...['carbon/FR/2025', 'carbon-marginal/FRA/2021', 'network', 'generation/coal']
      ])
    );
    expect(all.every(({ licence, age_years }) => licence !== '' && age_years >= 0)).toBe(true);
    const { code: refused, err } = await joulebook('sources', '--zone', 'Atlantis');
    expect([refused, err]).toEqual([1, expect.stringContaining('no electricity zone')]);
    expect((await joulebook('sources')).err).toContain('no grid zone is chosen');
  });

  it('prints no colours into a pipe', async () => {
    remember(execution(1));
    expect((await joulebook('report')).out).not.toContain('\u001b');
  });
});

describe('with a meter', () => {
  it('status, doctor and top tell what it measures', async () => {
    await startDaemon();
    const status = await joulebook('status');
    expect([status.code, status.out]).toEqual([
      0,
      expect.stringContaining('package (package-0, measured)')
    ]);
    const doctor = await joulebook('doctor');
    expect(doctor.out).toMatch(/✓ +package +package-0 +measured +active +energy_uj/);
    expect(doctor.out).toMatch(/gpu +missing +no such device found/);
    expect(doctor.out).toContain(places.history);
    expect((await joulebook('top')).out).toContain('power  12.0 W ± 1.0');
    const top = JSON.parse((await joulebook('top', '--json')).out) as { power: { total: object } };
    expect(top.power.total).toMatchObject({ watts: 12 });
  });
});

describe('joulebook settings', () => {
  it('changes settings, which the report, the score and a model card then follow', async () => {
    remember(execution(1, { total: { joules: 3.6e6, low: 3.6e6, high: 3.6e6, kind: 'measured' } }));
    await startDaemon();
    const changes = ['zone=gb', 'pue=1.5', 'device=laptop', 'lifetime_years=5'];
    expect((await joulebook('settings', ...changes)).out).toMatch(/^zone +GB .*never guessed$/m);
    const { impact } = JSON.parse((await joulebook('settings', '--json')).out) as {
      impact: object;
    };
    expect(impact).toMatchObject({ zone: 'GB', device: { name: 'laptop', lifetime_years: 5 } });
    const file = join(folder, 'report.html');
    await joulebook('report', '--html', file);
    const page = readFileSync(file, 'utf8');
    expect(page).toContain('264 g'); // 1 kWh × 1.5 × 176 g/kWh
    expect(page).toMatch(/kept for a year longer.*7\.9 kg \(4\.4 to 11, attributed\)/);
    expect(page).toMatch(/Software Carbon Intensity.*counted: package.*left out: screen/);
    expect((await joulebook('export', '--format', 'huggingface')).out).toContain('emissions: 264');
  });

  it('refuses what makes no sense, and changes nothing then', async () => {
    await startDaemon();
    for (const wrong of ['zone=atlantis', 'pue=0.5', 'lifetime_years=0', 'service=oracle']) {
      expect([wrong, (await joulebook('settings', wrong)).code]).not.toEqual([wrong, 0]);
    }
    const { out } = await joulebook('settings', '--json');
    expect(JSON.parse(out)).toMatchObject({ impact: { zone: null, pue: 1, service: 'offline' } });
  });
});

describe('joulebook calibrate', () => {
  it('fits the model to readings typed in, for the meter to use', async () => {
    await startDaemon();
    const child = spawn(
      process.execPath,
      [quiet, main, 'calibrate', '--wall', '--seconds', '0.2', '--json'],
      { env: environment, stdio: ['pipe', 'pipe', 'pipe'] }
    );
    let [out, asked, watts] = ['', 0, 20];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('watts at the wall now')) {
        child.stdin.write(`${(watts += 5)}\n`);
        asked++;
      }
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    const model = JSON.parse(out) as { points: object[]; relativeHigh: number };
    expect(model.points).toHaveLength(asked);
    expect(model.relativeHigh).toBeGreaterThanOrEqual(2);
    expect(readCalibration(places.calibration)?.idleWatts).toBe(25);
  });

  it('says what is missing when power does not grow with load', async () => {
    await startDaemon();
    const { code, err } = await joulebook('calibrate', '--seconds', '0.2');
    expect(code).toBe(1);
    expect(err).toMatch(/error: (expected power|no reading)/);
    expect(existsSync(places.calibration)).toBe(false);
  });
});

describe('joulebook run', () => {
  const cell = (id: string, source: string) => ({
    ...{ cell_type: 'code', id, metadata: {}, outputs: [], execution_count: null },
    source
  });

  function writeNotebook(...sources: string[]): string {
    const path = join(folder, 'notebook.ipynb');
    const kernelspec = { name: 'python3', display_name: 'Python 3', language: 'python' };
    const cells = sources.map((source, n) => cell(`cell-${n}`, source));
    const notebook = { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
    writeFileSync(path, JSON.stringify(notebook));
    return path;
  }

  it('meters each cell, writes outputs and energy, and the history knows the notebook', async () => {
    const path = writeNotebook('print(sum(range(10**6)))', 'x = 1');
    const output = join(folder, 'out.ipynb');
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
    const [gone, folderOfMeter] = [join(folder, 'gone'), places.privateDir];
    const path = writeNotebook(
      'print("before")',
      `import json, os, socket
def ask(path):
    with socket.socket(socket.AF_UNIX) as asks:
        asks.connect(${JSON.stringify(places.socket)})
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
    const output = join(folder, 'out.ipynb');
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
    const { code, out, err } = await joulebook('run', writeNotebook('1', '1/0', '2'));
    expect(code).toBe(1);
    expect(out).toMatch(/1\/3 +ok[^]*2\/3 +error[^]*total/);
    expect(err).toContain('cell 2: ZeroDivisionError: division by zero');
  });

  it('runs a folder with parameters, several times, and gives the mean and the methods', async () => {
    const notebooks = join(folder, 'notebooks');
    mkdirSync(notebooks);
    for (const name of ['a', 'b']) {
      const path = writeNotebook('steps = 1000', 'print("steps", steps)');
      const notebook = JSON.parse(readFileSync(path, 'utf8')) as {
        cells: { metadata: Record<string, unknown> }[];
      };
      notebook.cells[0]!.metadata = { tags: ['parameters'] };
      writeFileSync(join(notebooks, `${name}.ipynb`), JSON.stringify(notebook));
      rmSync(path);
    }
    const written = join(folder, 'done');
    const options = ['-p', 'steps=7', '--repeat', '2', '--metadata', '--json'];
    const { code, out } = await joulebook('run', notebooks, '--output', written, ...options);
    const result = JSON.parse(out) as { notebooks: { mean: { repetitions: number } }[] };
    expect([code, result.notebooks.map(({ mean }) => mean.repetitions)]).toEqual([0, [2, 2]]);
    const executed = readFileSync(join(written, 'b.ipynb'), 'utf8');
    expect(executed).toContain('steps 7');
    const { metadata } = JSON.parse(executed) as { metadata: { joulebook: object } };
    expect(metadata.joulebook).toMatchObject({
      total: { repetitions: 2 },
      methods: {
        policy: 'active',
        node: process.versions.node,
        machine: { cores: expect.any(Number) as number }
      }
    });
  });

  it('names a parameter that the notebook does not declare', async () => {
    const output = ['--output', join(folder, 'none.ipynb'), '--metadata'];
    const notebook = writeNotebook('steps = 1');
    const { code, err } = await joulebook('run', notebook, '-p', 'steps=2', ...output);
    expect([code, err]).toEqual([1, expect.stringContaining("no cell is tagged 'parameters'")]);
  });

  it('interrupts the cell that spends the budget', async () => {
    const path = writeNotebook('while True: pass', '2');
    const { code, out } = await joulebook('run', path, '--budget', '0.000001', '--json');
    const result = JSON.parse(out) as { end: string; cells: object[]; planned: number };
    expect([code, result.end, result.cells.length]).toEqual([1, 'budget', 1]);
  });

  it('leaves the cell that spends the budget time to clean up', async () => {
    const file = join(folder, 'cleaned-up');
    const path = writeNotebook(
      `import time
try:
    while True: sum(range(1000))
finally:
    time.sleep(1.5)
    open(${JSON.stringify(file)}, 'w').close()`
    );
    const { out } = await joulebook('run', path, '--budget', '0.5', '--json');
    expect((JSON.parse(out) as { end: string }).end).toBe('budget');
    expect(existsSync(file)).toBe(true);
  });

  it('does not put off what it has never seen run, nor what runs for minutes', async () => {
    const path = writeNotebook('1');
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
    const path = writeNotebook('1');
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
    environment['JOULEBOOK_NESO_URL'] = `http://127.0.0.1:${port}`;
    const store = new Store({
      ...{ path: places.history, owner: places.lock, boot: 'boot' },
      defaults: defaultSettings({})
    });
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

  it('says which Python is missing', async () => {
    environment['JOULEBOOK_PYTHON'] = '/no/python';
    const { code, err } = await joulebook('run', writeNotebook('1'));
    expect([code, err]).toEqual([1, expect.stringContaining('cannot run /no/python (ENOENT)')]);
  });
});
