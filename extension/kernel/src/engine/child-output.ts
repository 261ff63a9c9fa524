import childProcess, { ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentExecution, runIn } from './context.ts';

/** A stream that a child may share with the kernel's process, whose own nobody sees. */
type Name = 'stdout' | 'stderr';
type Print = (name: Name, text: string) => void;

const places = { stdout: 1, stderr: 2 } as const;
const names = ['stdout', 'stderr'] as const;

/**
 * Shows what child processes print to inherited streams in the cell that started them.
 * @param print Prints as part of the running cell.
 */
export function showChildOutput(print: Print): void {
  showAsItComes(print);
  for (const way of ['spawnSync', 'execSync', 'execFileSync'] as const) showAtTheEnd(way, print);
  syncBuiltinESMExports();
}

/** The method that `spawn`, `exec` and `fork` end in. */
type Spawn = (this: ChildProcess, options: { stdio?: unknown }) => number;

function showAsItComes(print: Print): void {
  const prototype = ChildProcess.prototype as unknown as Record<'spawn', Spawn>;
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    const inherited = inheritedIn(options.stdio);
    const status = spawn.call(this, {
      ...options,
      stdio: redirect(options.stdio, inherited, 'pipe')
    });
    const execution = currentExecution();
    for (const name of inherited) {
      const show = (text: string): void => print(name, text);
      this[name]?.setEncoding('utf8').on('data', (text: string) => {
        if (execution) runIn(execution, () => show(text));
        else show(text);
      });
    }
    return status;
  };
}

/** While a synchronous call waits, nothing can be read: files take the output, so that it has no largest size. */
function showAtTheEnd(way: 'spawnSync' | 'execSync' | 'execFileSync', print: Print): void {
  const original = childProcess[way] as (...values: unknown[]) => unknown;
  const shown = (...values: unknown[]): unknown => {
    const at = values.findLastIndex(value => isOptions(value));
    const options = values[at] as { stdio?: unknown } | undefined;
    const inherited = inheritedIn(options?.stdio);
    if (inherited.length === 0) return original(...values);
    const folder = mkdtempSync(join(tmpdir(), 'joulebook-child-'));
    const fileOf = (name: Name): string => join(folder, name);
    const files = inherited.map(name => openSync(fileOf(name), 'w', 0o600));
    try {
      const stdio = redirect(options?.stdio, inherited, ...files);
      return original(...values.with(at, { ...options, stdio }));
    } finally {
      for (const file of files) closeSync(file);
      for (const name of inherited) print(name, readFileSync(fileOf(name), 'utf8'));
      rmSync(folder, { recursive: true });
    }
  };
  Object.assign(childProcess, { [way]: shown });
}

const isOptions = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function inheritedIn(stdio: unknown): Name[] {
  const entries = listed(stdio);
  return names.filter(name => {
    const entry = entries[places[name]];
    return entry === 'inherit' || entry === process[name];
  });
}

/** The streams with the inherited ones led elsewhere; with one target for all, or a target for each. */
function redirect(stdio: unknown, inherited: readonly Name[], ...to: unknown[]): unknown {
  if (inherited.length === 0) return stdio;
  return inherited.reduce(
    (entries, name, at) => entries.with(places[name], to[at] ?? to[0]),
    listed(stdio)
  );
}

function listed(stdio: unknown): unknown[] {
  if (typeof stdio === 'string') return [stdio, stdio, stdio];
  return Array.isArray(stdio) ? (stdio as unknown[]) : [];
}
