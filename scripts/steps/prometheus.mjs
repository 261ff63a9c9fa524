import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './places.mjs';
import { SetupError, step } from './progress.mjs';
import { run } from './run.mjs';

const where = name =>
  spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();

/**
 * Prometheus and promtool for the tests of fleets: the system's, else those of Debian's package, unpacked into the cache.
 * @returns the folder that holds both
 */
export async function prometheus() {
  const own = process.env.PROMETHEUS || where('promtool').replace(/\/promtool$/, '');
  if (own) {
    return own;
  }
  const folder = join(cacheFolder, 'prometheus');
  const tools = join(folder, 'usr/bin');
  if (existsSync(join(tools, 'promtool'))) {
    return tools;
  }
  if (!where('apt-get') || !where('dpkg-deb')) {
    throw new SetupError(
      'The tests of fleets need Prometheus and found none.\n' +
        'Install it (Debian, Ubuntu: apt install prometheus; macOS: brew install prometheus), or name its folder: PROMETHEUS=/path/to/bin npm test'
    );
  }
  await step('Prometheus, for the tests of fleets (unpacked, not installed)', async () => {
    mkdirSync(folder, { recursive: true });
    const download = () =>
      run('prometheus-apt', 'apt-get', ['download', '-q', 'prometheus'], { cwd: folder });
    // A fresh machine has no lists of packages yet.
    await download().catch(async () => {
      await run('apt-update', 'apt-get', ['update', '-q']);
      await download();
    });
    const archive = readdirSync(folder).find(name => name.endsWith('.deb'));
    await run('prometheus-unpack', 'dpkg-deb', ['--extract', join(folder, archive), folder]);
  });
  return tools;
}
