import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Execution } from '../../execution.ts';
import { execution } from '../../store/fixtures/executions.ts';
import { homeOfEachTest } from '../fixtures/home.ts';

const home = homeOfEachTest('cli-export');
const { joulebook, remember, startDaemon } = home;

describe('joulebook export', () => {
  it('prints the executions of the file where no meter runs', async () => {
    remember(execution(1), execution(2));
    const { code, out } = await joulebook('export', '--format', 'jsonl');
    const lines = out.trimEnd().split('\n');
    expect(lines.map(line => JSON.parse(line) as Execution)).toEqual([execution(1), execution(2)]);
    expect(code).toBe(0);
    expect(existsSync(home.places.lock)).toBe(false);
  });

  it('prints nothing, and no error, where there is no history', async () => {
    expect(await joulebook('export')).toEqual({ code: 0, out: '', err: '' });
    expect((await joulebook('export', '--json')).out).toBe('[\n\n]\n');
  });

  it('asks a running meter', async () => {
    const daemon = await startDaemon();
    const told = { name: 'finished', execution: execution(7) };
    daemon.stdin.write(`${JSON.stringify(told)}\n`);
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
    const file = join(home.folder, 'out.csv');
    expect((await joulebook('export', '--format', 'csv', '--output', file)).out).toBe('');
    const [header = '', row = ''] = readFileSync(file, 'utf8').split('\r\n');
    expect(header).toMatch(/^id,notebook,cell_id,.*joules,low,high,kind,package_joules/);
    expect(row).toContain('"/a, ""b"".ipynb"');
  });

  it('names the file that it cannot write', async () => {
    const file = join(home.folder, 'no', 'such', 'out.jsonl');
    const { code, err } = await joulebook('export', '--output', file);
    expect([code, err]).toEqual([2, expect.stringMatching(/^error: .*out\.jsonl \(ENOENT\)/)]);
  });
});
