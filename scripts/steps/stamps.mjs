import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, root } from './places.mjs';
import { step } from './progress.mjs';

const file = join(cacheFolder, 'stamps.json');
const skipped = new Set(['node_modules', 'lib', '__pycache__', 'labextension', 'runtime']);

/**
 * Runs `work` only if its inputs changed since it last succeeded, or if one of its outputs is missing.
 * @param inputs files and folders (relative to the project) and plain strings such as versions
 */
export async function whenChanged(label, what, work) {
  if (isCurrent(label, what)) {
    return false;
  }
  const digest = fingerprint(what);
  await step(label, work);
  write(label, digest);
  return true;
}

/** Whether a step succeeded with the same inputs and its outputs are still there. */
export function isCurrent(label, what) {
  return what.outputs.every(path => existsSync(path)) && read()[label] === fingerprint(what);
}

/** Notes that a step succeeded, for one that is not run by `whenChanged`. */
export function remember(label, what) {
  write(label, fingerprint(what));
}

/** Whether a step ever succeeded here, with whatever inputs. */
export function wasDone(label) {
  return label in read();
}

function fingerprint({ inputs, values = [] }) {
  const hash = createHash('sha256').update(JSON.stringify(values));
  for (const input of inputs) {
    add(hash, input);
  }
  return hash.digest('hex');
}

function add(hash, path) {
  const full = join(root, path);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    const names = readdirSync(full).filter(name => !skipped.has(name));
    names.sort().forEach(name => add(hash, join(path, name)));
  } else {
    hash.update(`\0${path}\0`).update(stat ? readFileSync(full) : 'absent');
  }
}

function read() {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function write(label, digest) {
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(file, JSON.stringify({ ...read(), [label]: digest }, null, 1));
}
