import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TensorFlowError } from './errors.ts';

/** The two shared libraries of TensorFlow's Python wheel. */
export interface LibraryFiles {
  /** The wheel's `tensorflow` folder. */
  readonly folder: string;
  readonly framework: string;
  readonly core: string;
  /** How it was found, in words. */
  readonly reason: string;
}

/** Where to look. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** The working folder. */
  readonly cwd: string;
  /** The Node that runs this. */
  readonly program: string;
}

const versions = '2.21.*';

/**
 * Finds TensorFlow's libraries, in this order: the path asked for, `$JOULEBOOK_TENSORFLOW`, the active Python environment, the one that this
 * Node was installed into, a `.venv` in this folder or above it, and the Python on the PATH.
 * @param asked A wheel's `tensorflow` folder, its `site-packages`, or the folder of a Python environment.
 * @param around Where to look; this process's own environment, folder and Node by default.
 * @returns The libraries and how they were found.
 * @throws TensorFlowError `tensorflow/missing` with the command to install it.
 */
export function findLibrary(
  asked?: string,
  around: Surroundings = { env: process.env, cwd: process.cwd(), program: process.execPath }
): LibraryFiles {
  const { env, cwd } = around;
  const python = pythonOf(around);
  const install = `${python} -m pip install --no-deps "tensorflow-cpu==${versions}"`;
  const named = asked ?? env.JOULEBOOK_TENSORFLOW;
  if (named) {
    const how = asked ? 'the setting' : '$JOULEBOOK_TENSORFLOW';
    const found = within(resolve(cwd, named), how);
    if (found) return found;
    throw new TensorFlowError(
      'tensorflow/missing',
      `expected TensorFlow's libraries below ${named} (from ${how}), found none; name the folder of a Python environment with TensorFlow, or install it there: ${install}`
    );
  }
  const found = inEnvironments(around) ?? fromPython(env);
  if (found) return found;
  throw new TensorFlowError(
    'tensorflow/missing',
    `found no TensorFlow in the active Python environment, in a .venv above ${cwd} or in the python3 of the PATH; install it with: ${install} (for an NVIDIA GPU: ${python} -m pip install "tensorflow[and-cuda]==${versions}")`
  );
}

/** The Python to install with: that of the environment in which it would be found first. */
function pythonOf({ env, program }: Surroundings): string {
  const environment = env.VIRTUAL_ENV ?? env.CONDA_PREFIX ?? environmentOf(program);
  return environment ? join(environment, 'bin', 'python') : 'python3';
}

/** The Python environment of a Node that came as a wheel, as the kernel's does. */
function environmentOf(program: string): string | undefined {
  return /^(.+)[\\/]lib[\\/]python3[^\\/]*[\\/]site-packages[\\/]/.exec(program)?.[1];
}

function inEnvironments({ env, cwd, program }: Surroundings): LibraryFiles | undefined {
  for (const name of ['VIRTUAL_ENV', 'CONDA_PREFIX']) {
    const folder = env[name];
    const found = folder && within(folder, `$${name}`);
    if (found) return found;
  }
  const own = environmentOf(program);
  const beside = own && within(own, `the environment of this Node, ${own}`);
  if (beside) return beside;
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = within(join(folder, '.venv'), `${join(folder, '.venv')}`);
    if (found) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Asks Python where the package is, without importing it: that would take seconds. */
function fromPython(env: NodeJS.ProcessEnv): LibraryFiles | undefined {
  const question =
    'import importlib.util as u; s = u.find_spec("tensorflow"); print(s.submodule_search_locations[0] if s else "")';
  for (const python of ['python3', 'python']) {
    try {
      const folder = execFileSync(python, ['-c', question], {
        encoding: 'utf8',
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 10_000
      }).trim();
      const found = folder && within(folder, `${python} of the PATH`);
      if (found) return found;
    } catch {
      // No such Python, or one that cannot answer: the next may.
    }
  }
  return undefined;
}

function within(folder: string, reason: string): LibraryFiles | undefined {
  const places = [folder, join(folder, 'tensorflow'), ...sitePackages(folder)];
  for (const place of places) {
    const files = {
      framework: join(place, fileName('framework')),
      core: join(place, fileName('cc'))
    };
    if (existsSync(files.framework) && existsSync(files.core)) {
      return { folder: place, ...files, reason };
    }
  }
  return undefined;
}

function sitePackages(environment: string): string[] {
  const lib = join(environment, 'lib');
  if (!existsSync(lib)) return [];
  return readdirSync(lib)
    .filter(name => name.startsWith('python3'))
    .map(name => join(lib, name, 'site-packages', 'tensorflow'));
}

function fileName(part: 'framework' | 'cc'): string {
  return process.platform === 'darwin'
    ? `libtensorflow_${part}.2.dylib`
    : `libtensorflow_${part}.so.2`;
}
