import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync
} from 'node:fs';
import { join } from 'node:path';
import { checkerCommand, checkerScript } from './command.ts';

/** Modules whose types are in the snapshot, so that importing them costs nothing. */
const modules = ['tslab', 'kernel-helpers', '@tensorflow/tfjs', 'plotly.js'];
/** A snapshot that nobody made for so long is in nobody's way, ms. */
const staleMs = 30 * 24 * 3600 * 1000;
/** A build that takes longer has ended without a word, ms. */
const buildMs = 5 * 60 * 1000;

/** A snapshot's file name: it fits one Node and one build of the checker only. */
function snapshotName(home: string): string {
  const { size, mtimeMs } = statSync(checkerScript(home));
  const parts = [process.version, process.arch, home, size, mtimeMs];
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
  return `kernel-checker-${process.version}-${hash}.blob`;
}

/**
 * Finds the snapshot that fits this Node and this kernel.
 * @param folders Where one may be, the likeliest first.
 */
export function findSnapshot(home: string, folders: readonly string[]): string | undefined {
  const name = snapshotName(home);
  return folders.map(folder => join(folder, name)).find(existsSync);
}

/**
 * Builds the snapshot of the checker, with the types of Node, TensorFlow.js and the helpers parsed and bound.
 * @returns Its path; `undefined` when another process builds it, or the build fails.
 */
export async function buildSnapshot(home: string, folder: string): Promise<string | undefined> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, snapshotName(home));
  const lock = `${path}.lock`;
  if (existsSync(path) || !takeLock(lock)) return existsSync(path) ? path : undefined;
  const part = `${path}.${process.pid}.part`;
  try {
    if ((await run(home, part)) !== 0) return undefined;
    renameSync(part, path);
    prune(folder, path);
    return path;
  } finally {
    rmSync(part, { force: true });
    rmSync(lock, { force: true });
  }
}

function run(home: string, path: string): Promise<number> {
  const { flags, env } = checkerCommand(home);
  const args = [...flags, '--snapshot-blob', path, '--build-snapshot', checkerScript(home)];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...env,
      JOULEBOOK_CHECKER_HOME: home,
      JOULEBOOK_CHECKER_MODULES: modules.join(',')
    }
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', code => resolve(code ?? 1));
  });
}

function takeLock(path: string): boolean {
  const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (since !== undefined && Date.now() - since > buildMs) rmSync(path, { force: true });
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch {
    return false;
  }
}

/** Removes what older builds left; beside the checker's script, all others are of older builds. */
function prune(folder: string, keep: string): void {
  const besideScript = existsSync(checkerScript(folder));
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!/^kernel-checker-.*\.blob/.test(name) || path.startsWith(keep)) continue;
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > (besideScript ? buildMs : staleMs)) rmSync(path, { force: true });
  }
}
