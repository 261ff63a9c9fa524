// A JupyterLab for the browser tests: its own data, runtime and settings folders, a copy of the notebooks,
// and a simulated energy counter of known power. Leaves nothing behind.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, venvBin, venvNode } from '../../scripts/steps/places.mjs';

const [port, token] = process.argv.slice(2);
const home = mkdtempSync(join(realpathSync(tmpdir()), 'joulebook-e2e-'));
const work = join(home, 'work');
cpSync(join(root, 'notebooks'), work, { recursive: true });
for (const name of ['counter', 'runtime', 'data', 'config', 'settings', 'workspaces']) {
  mkdirSync(join(home, name), { mode: 0o700 });
}

const counter = spawn(
  venvBin('python'),
  [join(root, 'test/simulation/counter.py'), join(home, 'counter'), 'package-0=100', 'dram=10'],
  { stdio: ['pipe', 'pipe', 'inherit'] }
);
const counterEnded = new Promise(resolve => counter.once('close', resolve));
const { sysfs, enter } = JSON.parse(
  await new Promise((resolve, reject) => {
    counter.stdout.once('data', resolve);
    counterEnded.then(code => reject(new Error(`the simulated counter ended with ${code}`)));
  })
);

const environment = process.env.JOULEBOOK_E2E_ENVIRONMENT ?? join(root, '.venv');
const venv = join(environment, 'bin');
const site = readdirSync(join(environment, 'lib')).find(name => name.startsWith('python3'));
// Galata's helpers give the tests a way to JupyterLab's services in the page.
const galata = join(environment, 'lib', site, 'site-packages/jupyterlab/galata');
const [program, ...args] = [...enter, join(venv, 'jupyter-lab')];
const lab = spawn(
  program,
  [
    ...args,
    ...['--no-browser', '--allow-root', '--port', port, '--port-retries', '0'],
    ...['--ServerApp.root_dir', work, '--IdentityProvider.token', token],
    ...['--LabApp.user_settings_dir', join(home, 'settings')],
    ...['--LabApp.workspaces_dir', join(home, 'workspaces')],
    ...['--LabApp.expose_app_in_browser', 'True'],
    ...['--LabServerApp.extra_labextensions_path', galata]
  ],
  {
    cwd: work,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${venv}:${process.env.PATH}`,
      JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
      JUPYTER_DATA_DIR: join(home, 'data'),
      JUPYTER_CONFIG_DIR: join(home, 'config'),
      // Another environment has no Node of its own.
      JOULEBOOK_NODE: venvNode(),
      JOULEBOOK_SYSFS: sysfs,
      JOULEBOOK_POLICY: 'exclusive'
    }
  }
);

const stop = () => lab.kill('SIGTERM');
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
lab.on('close', async code => {
  counter.stdin.end();
  await counterEnded;
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  process.exit(code ?? 0);
});
