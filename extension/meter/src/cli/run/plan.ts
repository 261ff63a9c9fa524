import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { MeterError, reasonOf } from '../../errors.ts';

/** Values for a notebook's parameters, by name. */
export type Parameters = Record<string, unknown>;

const identifier = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/**
 * Finds the notebooks that are meant by files and folders.
 * @param paths A folder stands for the notebooks in it and below, in order of their names; hidden folders are left out.
 * @returns Absolute paths, each once.
 * @throws MeterError `cli/bad-argument` for a path that is not there and a folder without notebooks.
 */
export function notebooksOf(paths: readonly string[]): string[] {
  const found = paths.map(path => resolve(path)).flatMap(path => notebooksAt(path));
  return [...new Set(found)];
}

function notebooksAt(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new MeterError('cli/bad-argument', `no notebook at ${path}`);
  if (!stat.isDirectory()) return [path];
  const below = notebooksBelow(path);
  if (below.length === 0) {
    throw new MeterError('cli/bad-argument', `no notebook (*.ipynb) in the folder ${path}`);
  }
  return below;
}

function notebooksBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return notebooksBelow(path);
    return entry.name.endsWith('.ipynb') ? [path] : [];
  });
}

/**
 * Where each executed notebook is written.
 * @param output A file (`*.ipynb`) for one notebook, else a folder; undefined writes none.
 * @throws MeterError `cli/bad-argument` when several notebooks would be written to one file.
 */
export function outputsOf(notebooks: readonly string[], output: string | undefined) {
  if (output === undefined) return notebooks.map(() => undefined);
  const target = resolve(output);
  const isFolder = statSync(target, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (target.endsWith('.ipynb') && !isFolder) {
    if (notebooks.length === 1) return [target];
    throw new MeterError(
      'cli/bad-argument',
      `${notebooks.length} notebooks cannot be written to the file ${output}; name a folder`
    );
  }
  const written = notebooks.map(path => join(target, basename(path)));
  const twice = written.find((path, index) => written.indexOf(path) !== index);
  if (twice !== undefined) {
    throw new MeterError('cli/bad-argument', `two of the notebooks would be written to ${twice}`);
  }
  return written;
}

/**
 * Reads the parameters of the command line.
 * @param file A JSON file with an object.
 * @param pairs `name=value`; the value is read as JSON and, where it is none, as text. They win over the file's.
 * @throws MeterError `cli/bad-argument` for a file or pair that is neither.
 */
export function parametersOf(file: string | undefined, pairs: readonly string[]): Parameters {
  const parameters = file === undefined ? {} : fromFile(file);
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) {
      throw new MeterError('cli/bad-argument', `expected a parameter as name=value, got ${pair}`);
    }
    parameters[pair.slice(0, at)] = valueOf(pair.slice(at + 1));
  }
  const bad = Object.keys(parameters).find(name => !identifier.test(name));
  if (bad !== undefined) {
    throw new MeterError('cli/bad-argument', `expected the name of a variable, got ${bad}`);
  }
  return parameters;
}

function fromFile(file: string): Parameters {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw new MeterError('cli/bad-argument', `cannot read ${file}: ${reasonOf(error)}`);
  }
  throw new MeterError('cli/bad-argument', `expected an object of parameters in ${file}`);
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
