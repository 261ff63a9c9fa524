import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ApiClient } from '../../../extension/meter/src/api/client.ts';
import { placesOf } from '../../../extension/meter/src/paths.ts';

const tickSeconds = 0.01;

/** What a daemon used between two looks, and holds now. */
export interface Cost {
  /** CPU time in % of a core. */
  cpu: number;
  /** Resident and proportional memory, MiB. */
  resident: number;
  proportional: number;
}

/** Folders of its own with a simulated counter in plain files: a read of those costs what one of sysfs does. */
export class Place {
  readonly root: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'joulebook-bench-'));
  readonly environment: Record<string, string | undefined>;
  readonly client: ApiClient;
  #counter: ChildProcess | undefined;
  #daemon: ChildProcess | undefined;

  /** A place on the project in `root`. */
  constructor(root: string) {
    this.root = root;
    const of = (name: string) => join(this.folder, name);
    for (const name of ['runtime', 'data', 'temp']) mkdirSync(of(name), { mode: 0o700 });
    this.environment = {
      ...process.env,
      PATH: `${join(root, '.venv/bin')}:${process.env.PATH}`,
      JUPYTER_RUNTIME_DIR: of('runtime'),
      JUPYTER_DATA_DIR: of('data'),
      JOULEBOOK_SYSFS: of('sys'),
      TMPDIR: of('temp')
    };
    this.client = new ApiClient(placesOf(this.environment).socket);
  }

  /** Starts the counters: a package of 100 W and memory of 10 W. */
  async start(): Promise<void> {
    const script = join(this.root, 'test/simulation/powercap.mjs');
    const args = [script, join(this.folder, 'sys'), 'package-0=100', 'dram=10'];
    this.#counter = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await firstLine(this.#counter, 'ready');
  }

  /** Starts a daemon as users do. */
  async startDaemon(): Promise<void> {
    this.#daemon = spawn(join(this.root, '.venv/bin/joulebook'), ['serve'], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'inherit']
    });
    await firstLine(this.#daemon, 'ready');
  }

  /** Ends the daemon. */
  async stopDaemon(): Promise<void> {
    await end(this.#daemon);
    this.#daemon = undefined;
  }

  /** What the daemon costs over the next `seconds`. */
  async cost(seconds: number): Promise<Cost> {
    const pid = this.#daemon?.pid;
    if (pid === undefined) throw new Error('expected a daemon that runs');
    const [before, began] = [cpuSeconds(pid), performance.now()];
    await new Promise(resolve => setTimeout(resolve, seconds * 1e3));
    const [used, took] = [cpuSeconds(pid) - before, (performance.now() - began) / 1e3];
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const mebibytes = (name: string) =>
      Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(memory)?.[1]) / 1024;
    return {
      cpu: (100 * used) / took,
      resident: mebibytes('Rss'),
      proportional: mebibytes('Pss')
    };
  }

  /** Ends all and removes the folder. */
  async end(): Promise<void> {
    await this.stopDaemon();
    await end(this.#counter);
    rmSync(this.folder, { recursive: true });
  }
}

/** The CPU time of a process, its ended threads included, in s. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickSeconds;
}

async function firstLine(child: ChildProcess, word: string): Promise<void> {
  if (!child.stdout) throw new Error('expected a child whose output is piped');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith(word)) return;
  }
  throw new Error(`expected "${word}" from ${child.spawnargs.join(' ')}, it ended`);
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
