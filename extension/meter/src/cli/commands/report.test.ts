import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execution } from '../../store/fixtures/executions.ts';
import { homeOfEachTest } from '../fixtures/home.ts';

const home = homeOfEachTest('cli-report');
const { joulebook, remember } = home;

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
    const file = join(home.folder, 'report.html');
    const { code, out } = await joulebook('report', '--html', file, '--data', home.folder);
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
    const notebook = join(home.folder, 'nb.ipynb');
    remember(execution(1, { notebook }));
    mkdirSync(join(home.folder, 'data/deep'), { recursive: true });
    writeFileSync(join(home.folder, 'data/deep/images.bin'), Buffer.alloc(2_000_000));
    const { out } = await joulebook('report', '--notebook', notebook, '--json');
    const { data } = JSON.parse(out) as { data: { bytes: number; kept_for_a_year: object } };
    expect(data).toMatchObject({
      path: join(home.folder, 'data'),
      kept_for_a_year: { unit: 'kWh' }
    });
    expect(data.bytes).toBeGreaterThanOrEqual(2_000_000);
    const refused = await joulebook('report', '--data', join(home.folder, 'nowhere'));
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('found none at')]);
  });

  it('prints no colours into a pipe', async () => {
    remember(execution(1));
    expect((await joulebook('report')).out).not.toContain('\u001b');
  });
});
