import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What runs on the simulator; see test/simulation/cells.py. */
export interface Plan {
  /** Lengths of cells; `count` of each, shuffled. */
  milliseconds: readonly number[];
  count: number;
  /** Cells switch the simulated load. */
  gate: boolean;
  /** Cells sent at once; 1: one after another with a pause between. */
  queued: number;
  /** Busy loops beside. */
  loops: number;
  /** What happens to the counter, by turns: orders given before a cell and while it runs. */
  faults: readonly { before: readonly string[]; during: readonly string[] }[];
}

/** One cell: what the daemon says of its package, in joules, and the truth of the same window. */
export interface Cell {
  milliseconds: number;
  seconds: number;
  truth: number;
  joules: number | null;
  low: number | null;
  high: number | null;
  gaps: string[];
  fault: string;
}

const root = join(import.meta.dirname, '../../..');
const source = join(root, 'test/simulation/raplsim.c');

/** Why the simulator cannot run here, with the next step; undefined when it can. */
export function whyNoSimulator(): string | undefined {
  if (spawnSync('gcc', ['--version']).status !== 0) {
    return 'the live part compiles its simulated counter, and there is no gcc: install it (apt-get install gcc)';
  }
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return 'the live part shows its simulated counter through FUSE, and /dev/fuse cannot be opened: run it where that is allowed (docker run --device /dev/fuse --cap-add SYS_ADMIN)';
  }
}

/**
 * Runs a plan on the real daemon and a real kernel beside a simulated counter.
 * @param zones Lines of the simulator's configuration.
 * @throws Error with the simulator's words when anything in it fails.
 */
export async function runCells(zones: readonly string[], plan: Plan): Promise<Cell[]> {
  const folder = mkdtempSync(join(tmpdir(), 'joulebook-fidelity-'));
  const at = (name: string) => join(folder, name);
  try {
    const built = spawnSync('gcc', ['-O2', '-o', at('raplsim'), source, '-lm']);
    if (built.status !== 0) throw new Error(`gcc ${source}: ${built.stderr.toString()}`);
    writeFileSync(at('zones'), `${zones.join('\n')}\n`);
    writeFileSync(at('plan.json'), JSON.stringify(plan));
    mkdirSync(at('sysfs'));
    const python = join(root, '.venv/bin/python');
    const cells = join(root, 'test/simulation/cells.py');
    const args = [at('zones'), at('sysfs'), '--', python, cells, at('sysfs'), at('plan.json')];
    await ended(at('raplsim'), [...args, at('cells.json')]);
    return JSON.parse(readFileSync(at('cells.json'), 'utf8')) as Cell[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ended(program: string, args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-4000)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => {
      if (code === 0) resolve();
      else reject(new Error(`the simulated session ended with ${code}: ${words}`));
    });
  });
}
