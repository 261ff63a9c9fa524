import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execution } from '../../store/fixtures/executions.ts';
import { homeOfEachTest } from '../fixtures/home.ts';

const home = homeOfEachTest('cli-settings');
const { joulebook, remember, startDaemon } = home;

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
    const file = join(home.folder, 'report.html');
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
