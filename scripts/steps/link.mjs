import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { dirname, join } from 'node:path';
import { labextension, root, runtime, venv, venvBin, venvNode } from './places.mjs';
import { run } from './run.mjs';
import { whenChanged } from './stamps.mjs';

const server = join(root, 'extension/server');
const share = join(venv, 'share/jupyter');

/** Puts the built parts where JupyterLab of the project's environment finds them: what the wheel does for its users. */
export async function link() {
  await whenChanged(
    'install the server extension and the joulebook command',
    {
      inputs: ['extension/server/pyproject.toml', 'requirements.txt'],
      outputs: [venvBin('joulebook')]
    },
    () =>
      run('pip-editable', venvBin('python'), [
        ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-deps'],
        ...['--no-build-isolation', '--editable', server]
      ])
  );
  symlink(labextension, join(share, 'labextensions/joulebook-lab'));
  symlink(
    join(server, 'jupyter-config/server-config/joulebook.json'),
    join(venv, 'etc/jupyter/jupyter_server_config.d/joulebook.json')
  );
  registerKernel();
  settle();
}

/** No question about Jupyter's news over the panel of somebody who starts for the first time. */
function settle() {
  const folder = join(share, 'lab/settings');
  mkdirSync(folder, { recursive: true });
  const notification = { fetchNews: 'false', checkForUpdates: false };
  const overrides = { '@jupyterlab/apputils-extension:notification': notification };
  writeFileSync(join(folder, 'overrides.json'), JSON.stringify(overrides, null, 1));
}

function symlink(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path);
}

/** Node is named by its path here, so that a kernel starts without Python's own start. */
function registerKernel() {
  const folder = join(share, 'kernels/joulebook-typescript');
  const source = join(root, 'extension/kernel/kernelspec');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (existsSync(source)) {
    cpSync(source, folder, { recursive: true });
  }
  const spec = JSON.parse(readFileSync(join(source, 'kernel.json'), 'utf8'));
  const absolute = { node: venvNode(), 'kernel.mjs': join(runtime, 'kernel.mjs') };
  spec.argv = spec.argv.map(word => absolute[word] ?? word);
  writeFileSync(join(folder, 'kernel.json'), JSON.stringify(spec, null, 1));
}
