import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeOfEachTest } from '../fixtures/home.ts';
import { writeNotebook } from '../fixtures/notebook.ts';

const home = homeOfEachTest('cli-run-lost-budget');

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
  const { socket, privateDir } = home.places;
  const sources = ['print("before")', endlessWithoutMeter(socket, privateDir), 'print("after")'];
  const [path, output] = [writeNotebook(home.folder, ...sources), join(home.folder, 'out.ipynb')];
  const args = ['run', path, '--budget', '1e9', '--output', output, '--json'];
  const { code, out, err } = await home.joulebook(...args);
  const result = JSON.parse(out) as { end: string; cells: object[]; meter_lost: string };
  expect([code, result.end, result.cells.length]).toEqual([1, 'unmetered', 2]);
  expect(result.meter_lost).toContain('the meter did not start');
  expect(err).toMatch(/error: .*budget of 1000000000 J.*1 of 3 cells were not executed.*doctor/);
  const written = readFileSync(output, 'utf8');
  expect(written).toContain('KeyboardInterrupt');
  const { cells: kept } = JSON.parse(written) as { cells: { outputs: object[] }[] };
  expect(kept.map(({ outputs }) => outputs.length)).toEqual([1, 1, 0]);
});
