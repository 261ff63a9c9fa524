import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { homeOfEachTest } from '../fixtures/home.ts';
import { writeNotebook } from '../fixtures/notebook.ts';

const home = homeOfEachTest('cli-run-budget');
const { joulebook } = home;

describe('joulebook run --budget', () => {
  it('interrupts the cell that spends the budget', async () => {
    const path = writeNotebook(home.folder, 'while True: pass', '2');
    const { code, out } = await joulebook('run', path, '--budget', '0.000001', '--json');
    const result = JSON.parse(out) as { end: string; cells: object[]; planned: number };
    expect([code, result.end, result.cells.length]).toEqual([1, 'budget', 1]);
  });

  it('leaves the cell that spends the budget time to clean up', async () => {
    const file = join(home.folder, 'cleaned-up');
    const path = writeNotebook(
      home.folder,
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
});
