import { createRequire } from 'node:module';
import { join } from 'node:path';
import { libFolderOf } from './lib-folder.ts';

/** How to start the checker. */
export interface CheckerCommand {
  /** Arguments of Node: a snapshot's options, or the script. */
  args: string[];
  /** Arguments that work when those do not. */
  fallback: string[];
  /** The flags among the arguments; a snapshot fits only those it was built with. */
  flags: readonly string[];
  /** What to add to the environment. */
  env: Record<string, string>;
}

/** The checker lives long and makes little garbage at a time: a small nursery saves 50 MB and costs no time. */
const flags = ['--no-warnings', '--max-semi-space-size=4'];
/** One arena that gives back what it can: TypeScript's parser frees much at once, after a package was read. */
const thriftyMalloc = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };

/** The checker's script: it stands beside the kernel's. */
export function checkerScript(home: string): string {
  return join(home, 'kernel-checker.cjs');
}

/**
 * How to start the checker.
 * @param home The folder of the checker's script; TypeScript is found from there.
 * @param snapshot The snapshot to start from, where there is one.
 */
export function checkerCommand(home: string, snapshot?: string): CheckerCommand {
  const script = checkerScript(home);
  const env = { ...thriftyMalloc, JOULEBOOK_TYPESCRIPT_LIB: libFolderOf(createRequire(script)) };
  const fallback = [...flags, script];
  const args = snapshot === undefined ? fallback : [...flags, '--snapshot-blob', snapshot];
  return { args, fallback, flags, env };
}
