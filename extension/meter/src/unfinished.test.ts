import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { ProcessTree } from './kernels/process-tree.ts';
import { type CellWindow, Windows } from './kernels/windows.ts';
import { DoubtedCells } from './unfinished.ts';

jest.setTimeout(30_000);
const second = 1e9;

describe('DoubtedCells', () => {
  let child: ChildProcess;
  let closed: CellWindow[];
  let windows: Windows;

  /** A kernel whose process does `what`, with a cell that runs. */
  const kernelThat = async (what: string) => {
    child = spawn('sh', ['-c', `echo begun; ${what}`], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout!, 'data');
    closed = [];
    windows = new Windows(0, (change, window) => change === 'closed' && closed.push({ ...window }));
    const about = { parentId: 'cell', subshell: '', atNs: second };
    windows.take({ ...about, kind: 'busy' });
    windows.take({ ...about, kind: 'input', sourceSha256: 'abc', executionCount: 1 });
    return { windows, tree: new ProcessTree(child.pid ?? 0) };
  };
  afterEach(() => child.kill('SIGKILL'));

  it('closes a cell as lost whose kernel only waits, at the moment since when it has', async () => {
    const cells = new DoubtedCells();
    cells.addAll(await kernelThat('read line'), 2 * second);
    cells.check(31 * second);
    expect(closed).toEqual([]);
    cells.check(33 * second);
    expect(closed).toMatchObject([{ msgId: 'cell', status: 'lost', endNs: 2 * second }]);
  });

  it('leaves a cell that works', async () => {
    const cells = new DoubtedCells();
    const work = 'i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done';
    cells.addAll(await kernelThat(`read line; ${work}; echo done; read line`), 2 * second);
    child.stdin?.write('go\n');
    await once(child.stdout!, 'data');
    cells.check(33 * second);
    expect(closed).toEqual([]);
  });
});
