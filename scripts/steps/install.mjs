import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findPython } from './tools.mjs';
import { cacheFolder, labextension, root, venv, venvBin } from './places.mjs';
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
 * Makes an environment in which joulebook stands beside the extensions that people have: execute-time, git, collaboration
 * and the language servers. joulebook itself is linked, so what was built last is tested.
 * @returns its folder
 */
export async function installBeside() {
  const folder = join(cacheFolder, 'beside');
  const python = join(folder, 'bin/python');
  const what = {
    inputs: ['test/requirements-beside.txt'],
    outputs: [python, join(folder, 'share/jupyter/labextensions/joulebook-lab')]
  };
  await whenChanged('JupyterLab with other extensions (a minute)', what, async () => {
    await run('beside-venv', venvBin('python'), ['-m', 'venv', '--clear', folder]);
    await run('beside-pip', python, [
      ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'],
      ...['--progress-bar', 'off', '--requirement', 'test/requirements-beside.txt']
    ]);
    linkInto(folder);
  });
  return folder;
}

/**
 * Puts the Python packages that TensorFlow's strategies need beside its library into a folder of their own: tests run workers of theirs
 * and ours in one group.
 * @returns the folder, for PYTHONPATH
 */
export async function installTensorFlowPython() {
  const folder = join(cacheFolder, 'tensorflow-python');
  const list = 'test/requirements-tensorflow.txt';
  const what = { inputs: [list], outputs: [join(folder, 'keras'), venvBin('python')] };
  await whenChanged("TensorFlow's Python packages, for its tests (half a minute)", what, () => {
    rmSync(folder, { recursive: true, force: true });
    return run('tensorflow-python', venvBin('python'), [
      ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--no-deps'],
      ...['--progress-bar', 'off', '--target', folder, '--requirement', list]
    ]);
  });
  return folder;
}

function linkInto(folder) {
  const server = join(root, 'extension/server');
  const links = {
    'share/jupyter/labextensions/joulebook-lab': labextension,
    'etc/jupyter/jupyter_server_config.d/joulebook.json': join(
      server,
      'jupyter-config/server-config/joulebook.json'
    )
  };
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    rmSync(join(folder, path), { recursive: true, force: true });
    symlinkSync(target, join(folder, path));
  }
  const lib = join(folder, 'lib');
  const packages = join(
    lib,
    readdirSync(lib).find(name => name.startsWith('python3')),
    'site-packages'
  );
  writeFileSync(join(packages, 'joulebook.pth'), `${server}\n`);
}
