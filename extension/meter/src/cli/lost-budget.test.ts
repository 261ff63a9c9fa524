import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesOf } from '../paths.ts';
import { bundlePrograms } from './fixtures/bundle.ts';

const root = join(__dirname, '../../../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-budget-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Ends the meter so that none can be started again, and goes on. */
const endlessWithoutMeter = (socket: string, folderOfMeter: string) => `
import json, os, socket, time
def ask(path):
    with socket.socket(socket.AF_UNIX) as asks:
        asks.connect(${JSON.stringify(socket)})
        asks.sendall(f'GET {path} HTTP/1.0\\r\\n\\r\\n'.encode())
        return json.loads(b''.join(iter(lambda: asks.recv(65536), b'')).split(b'\\r\\n\\r\\n')[1])
meter = ask('/v1/status')['pid']
# No meter starts where its folder is a file.
os.rename(${JSON.stringify(folderOfMeter)}, ${JSON.stringify(`${folderOfMeter}-gone`)})
open(${JSON.stringify(folderOfMeter)}, 'w').close()
os.kill(meter, 9)
while True: time.sleep(0.01)`;

it('interrupts a run with a budget whose meter has left for good, and keeps what ran', async () => {
  const { main } = bundlePrograms('lost-budget');
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TMPDIR: folder,
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    JUPYTER_DATA_DIR: join(folder, 'data'),
    JUPYTER_PATH: join(root, '.venv/share/jupyter'),
    JOULEBOOK_PYTHON: join(root, '.venv/bin/python'),
    PYTHONPATH: join(root, 'extension/server')
  };
  const { socket, privateDir } = placesOf(environment);
  const sources = ['print("before")', endlessWithoutMeter(socket, privateDir), 'print("after")'];
  const cells = sources.map((source, index) => ({
    ...{ cell_type: 'code', id: `cell-${index}`, metadata: {}, source },
    ...{ outputs: [], execution_count: null }
  }));
  const metadata = { kernelspec: { name: 'python3', display_name: 'Python 3' } };
  const [path, output] = [join(folder, 'a.ipynb'), join(folder, 'out.ipynb')];
  writeFileSync(path, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
  const args = [main, 'run', path, '--budget', '1e9', '--output', output, '--json'];
  const child = spawn(process.execPath, args, { env: environment, stdio: 'pipe' });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  const result = JSON.parse(out) as { end: string; cells: object[]; meter_lost: string };
  expect([code, result.end, result.cells.length]).toEqual([1, 'unmetered', 2]);
  expect(result.meter_lost).toContain('the meter did not start');
  expect(err).toMatch(/error: .*budget of 1000000000 J.*1 of 3 cells were not executed.*doctor/);
  const written = readFileSync(output, 'utf8');
  expect(written).toContain('KeyboardInterrupt');
  const { cells: kept } = JSON.parse(written) as { cells: { outputs: object[] }[] };
  expect(kept.map(({ outputs }) => outputs.length)).toEqual([1, 1, 0]);
});
