import { spawnSync } from 'node:child_process';
import { SetupError } from './progress.mjs';

const oldestNode = [20, 17];
const oldestPython = [3, 10];

const older = (have, need) => have[0] < need[0] || (have[0] === need[0] && have[1] < need[1]);

/** Refuses a Node that is too old. */
export function checkNode() {
  const have = process.versions.node.split('.').map(Number);
  if (older(have, oldestNode)) {
    throw new SetupError(
      `This is Node ${process.versions.node}; joulebook needs ${oldestNode.join('.')} or newer.\n` +
        'Install a current Node LTS (for example: your package manager, or nvm install 24), then run the command again.'
    );
  }
}

/**
 * The Python to make the environment with: $PYTHON, else the first of python3.13 … python3.10, python3 and python that is new enough.
 * @returns its command
 */
export function findPython() {
  const names = process.env.PYTHON
    ? [process.env.PYTHON]
    : ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
  const seen = [];
  for (const name of names) {
    const version = pythonVersion(name);
    if (!version) {
      continue;
    }
    if (!older(version, oldestPython)) {
      checkVenvModule(name);
      return name;
    }
    seen.push(`${name} is ${version.join('.')}`);
  }
  const found = seen.length ? seen.join(', ') : `none of ${names.join(', ')} runs`;
  throw new SetupError(
    `joulebook needs Python ${oldestPython.join('.')} or newer; ${found}.\n` +
      'Install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python) or name one: PYTHON=/path/to/python3 npm run lab'
  );
}

function pythonVersion(name) {
  const { stdout, status } = spawnSync(
    name,
    ['-c', 'import sys; print(sys.version_info[0], sys.version_info[1])'],
    { encoding: 'utf8' }
  );
  return status === 0 ? stdout.trim().split(' ').map(Number) : null;
}

function checkVenvModule(name) {
  if (spawnSync(name, ['-c', 'import venv, ensurepip']).status !== 0) {
    throw new SetupError(
      `${name} lacks the venv module, which makes the project's own environment.\n` +
        'Install it (Debian, Ubuntu: apt install python3-venv), then run the command again.'
    );
  }
}
