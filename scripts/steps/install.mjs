import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findPython } from './tools.mjs';
import { cacheFolder, root, venv, venvBin } from './places.mjs';
import { run } from './run.mjs';
import { wasDone, whenChanged } from './stamps.mjs';

const require = createRequire(import.meta.url);
const { workspaces } = require('../../package.json');
const running = workspaces.filter(folder => folder !== 'test');
const all = 'npm packages, also for the tests (about a minute)';
const some = 'npm packages (about a minute the first time)';

/**
 * Installs the npm packages of the lock file.
 * @param everything also what only the tests need; once it was asked for it stays, since it serves for running too
 */
export async function installPackages({ everything }) {
  const what = {
    inputs: ['package-lock.json', '.npmrc'],
    values: [process.platform, process.arch],
    outputs: [join(root, 'node_modules/.package-lock.json')]
  };
  const args = ['ci', '--no-audit', '--no-fund'];
  if (everything || wasDone(all)) {
    await whenChanged(all, what, () => run('npm-ci', 'npm', args));
  } else {
    const only = running.flatMap(folder => ['--workspace', folder]);
    await whenChanged(some, what, () =>
      run('npm-ci', 'npm', [...args, ...only, '--include-workspace-root'])
    );
  }
}

/**
 * Makes the project's Python environment and installs the pinned packages into it.
 * @param everything also what only the tests need
 */
export async function installPython({ everything }) {
  await whenChanged(
    'Python environment in .venv',
    { inputs: [], values: [process.platform, process.arch], outputs: [venvBin('python')] },
    () => run('venv', findPython(), ['-m', 'venv', '--clear', venv])
  );
  const lists = everything ? ['requirements.txt', 'test/requirements.txt'] : ['requirements.txt'];
  for (const list of lists) {
    await whenChanged(
      `Python packages of ${list} (about a minute the first time)`,
      { inputs: [list], outputs: [venvBin('jupyter-lab'), join(venv, 'pyvenv.cfg')] },
      () =>
        run('pip', venvBin('python'), [
          ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'],
          ...['--progress-bar', 'off', '--requirement', list]
        ])
    );
  }
}

/**
 * Installs TensorFlow's shared libraries, without the Python packages around them, into an environment of their own.
 * @returns its folder
 */
export async function installTensorFlow() {
  const folder = join(cacheFolder, 'tensorflow');
  const python = join(folder, 'bin/python');
  const what = { inputs: ['test/requirements-tensorflow.txt'], outputs: [python] };
  await whenChanged('TensorFlow for its tests (1.3 GB, a minute or two)', what, async () => {
    await run('tensorflow-venv', venvBin('python'), ['-m', 'venv', '--clear', folder]);
    await run('tensorflow-pip', python, [
      ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--no-deps'],
      ...['--progress-bar', 'off', '--requirement', 'test/requirements-tensorflow.txt']
    ]);
  });
  return folder;
}
