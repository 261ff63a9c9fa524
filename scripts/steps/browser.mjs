import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run } from './run.mjs';
import { SetupError, step } from './progress.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function find() {
  const given = process.env.CHROMIUM;
  if (given) {
    if (!existsSync(given)) {
      throw new SetupError(`CHROMIUM names ${given}, which does not exist.`);
    }
    return given;
  }
  for (const name of names) {
    const { stdout, status } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) {
      return stdout.trim();
    }
  }
  return null;
}

/**
 * The system's Chromium for the browser tests, installed through the package manager where it is missing and that is possible.
 * @returns its path
 */
export async function browser() {
  const found = find();
  if (found) {
    return found;
  }
  const apt = spawnSync('sh', ['-c', 'command -v apt-get']).status === 0;
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const may = asRoot.length === 0 || spawnSync('sudo', ['-n', 'true']).status === 0;
  if (apt && may) {
    const [command, ...rest] = [...asRoot, 'apt-get'];
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await step('install Chromium for the browser tests (apt-get)', async () => {
      await run('apt-update', command, [...rest, 'update', '-q'], { env });
      await run('apt-chromium', command, [...rest, 'install', '-y', '-q', 'chromium'], { env });
    });
  }
  const installed = find();
  if (!installed) {
    throw new SetupError(
      'The browser tests need Chromium and found none.\n' +
        'Install it (Debian: apt install chromium; Ubuntu: snap install chromium; macOS: brew install --cask chromium), or name one: CHROMIUM=/path/to/chromium npm test'
    );
  }
  return installed;
}
