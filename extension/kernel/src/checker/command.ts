import { createRequire } from 'node:module';
import { join } from 'node:path';
import { libFolderOf } from './lib-folder.ts';

/** How to start the checker. */
export interface CheckerCommand {
  /** Arguments of Node: a snapshot's options, or the script. */
  args: string[];
  /** Arguments that work when those do not. */
  fallback: string[];
  /** TypeScript's folder of lib.*.d.ts. */
  libFolder: string;
}

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
  const libFolder = libFolderOf(createRequire(script));
  const fallback = ['--no-warnings', script];
  const args = snapshot === undefined ? fallback : ['--no-warnings', '--snapshot-blob', snapshot];
  return { args, fallback, libFolder };
}
