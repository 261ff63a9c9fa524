/**
 * Starts a script as several workers on this machine.
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { checkNumber, HelperError } from '../errors.ts';
import { freePorts } from './control/address.ts';
import type { Workers } from './multi-worker.ts';

/** How local workers run. */
export interface LaunchOptions {
  /** Passed to a worker function as its second argument, by way of JSON. */
  input?: unknown;
  /** Arguments of a worker script. */
  args?: readonly string[];
  /** Takes each line that a worker prints. @default prints it behind the worker's rank */
  onLine?: (line: string, rank: number) => void;
  /** How often a worker that died is started again; the others wait for it. @default 0 */
  restarts?: number;
  /** More environment variables. */
  env?: NodeJS.ProcessEnv;
  /** Ends all workers. */
  signal?: AbortSignal;
}

/** What each worker of a launch runs: a function of its own, which sees nothing of the cell around it, or a script's path. */
export type WorkerCode<T> = ((workers: Workers, input: never) => T | Promise<T>) | string;

/** Lines kept of each worker, to show when it fails. */
const keptLines = 20;

/**
 * Starts workers on this machine that form a group: each learns of the others by `TF_CONFIG`. They are children of this process, so a
 * meter counts their energy to the cell that launches them. Processor cores are shared out evenly.
 * @param count How many, at least 1.
 * @param worker A function of `(workers, input)`, which imports what it needs itself and returns something JSON can hold; or the path of
 *   a script that calls `multiWorker()`.
 * @param options Input, output, restarts.
 * @returns What each worker returned, by rank; undefined for scripts.
 * @throws HelperError `distributed/worker` with the last lines of the worker that failed; the others are ended.
 * @example
 * const sums = await launch(2, async ({ group }) => {
 *   const sum = await group.allReduce(Float32Array.of(group.rank));
 *   return sum[0];
 * });
 */
export async function launch<T>(
  count: number,
  worker: WorkerCode<T>,
  options: LaunchOptions = {}
): Promise<T[]> {
  checkNumber('count', count, { from: 1, integer: true });
  const ports = await freePorts(count);
  const env = {
    ...process.env,
    JOULEBOOK_GROUP_KEY: randomBytes(16).toString('hex'),
    JOULEBOOK_FEWEST_WORKERS: String(options.restarts ? count : 1),
    TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(availableParallelism() / count))),
    ...options.env
  };
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  const runs = ports.map((_, rank) => {
    const own = { ...env, TF_CONFIG: tfConfig(ports, rank) };
    return keepRunning(rank, worker, { ...options, env: own, signal });
  });
  try {
    return await Promise.all(runs);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(runs);
    throw error;
  }
}

async function keepRunning<T>(
  rank: number,
  worker: WorkerCode<T>,
  options: LaunchOptions & { signal: AbortSignal }
): Promise<T> {
  for (let left = options.restarts ?? 0; ; left--) {
    try {
      return await runOnce(rank, worker, options);
    } catch (error) {
      if (left <= 0 || options.signal.aborted) throw error;
      print(options, `${(error as Error).message.split('\n', 1)[0]}; started again`, rank);
    }
  }
}

function runOnce<T>(
  rank: number,
  worker: WorkerCode<T>,
  options: LaunchOptions & { signal: AbortSignal }
): Promise<T> {
  const { signal, env, input } = options;
  const child = spawn(process.execPath, argumentsOf(worker, options), {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    signal,
    killSignal: 'SIGKILL'
  });
  const last = showLines(child, rank, options);
  let value: unknown;
  child.on('message', message => ([value] = message as [unknown]));
  if (typeof worker === 'function') child.send([input ?? null]);
  return new Promise((resolve, reject) => {
    child.on('error', cause =>
      reject(failure(rank, 'could not be started or was ended', last, cause))
    );
    child.on('close', (code, killed) => {
      if (code === 0) resolve(value as T);
      else reject(failure(rank, killed ? `was ended by ${killed}` : `ended with ${code}`, last));
    });
  });
}

function argumentsOf<T>(worker: WorkerCode<T>, { args = [] }: LaunchOptions): string[] {
  const node = ['--disable-warning=ExperimentalWarning', '--import', prelude()];
  if (typeof worker === 'string') return [...node, worker, ...args];
  return [...node, '--input-type=module', '--eval', program(String(worker))];
}

/**
 * Lets a worker import what this process can: packages are looked for beside the worker first, then beside this process's own script.
 * And ends it with this process, however that ends: nobody would read what it prints, or end it.
 */
function prelude(): string {
  const base = pathToFileURL(process.argv[1] ?? `${process.cwd()}/-`).href;
  const code = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve(specifier, context, next) {
      try { return next(specifier, context); }
      catch (error) {
        try { return next(specifier, { ...context, parentURL: ${JSON.stringify(base)} }); } catch { throw error; }
      }
    } });
    process.on('disconnect', () => process.exit(1));
    process.channel.unref();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** A notebook's cells call these in place of `await`, `import()` and `import.meta`; a worker gets the plain ones. */
const cellNames = `
    globalThis.__joulebook = { go: value => value, import: (name, options) => import(name, options), meta: import.meta };`;

function program(source: string): string {
  return `${cellNames}
    const worker = (${source});
    process.channel.ref();
    const [input] = await new Promise(resolve => process.once('message', resolve));
    process.channel.unref();
    const { distributed } = await import('kernel-helpers');
    const workers = await distributed.multiWorker();
    const value = await worker(workers, input);
    await new Promise(resolve => process.send([value ?? null], resolve));
    await workers.close();`;
}

function showLines(child: ChildProcess, rank: number, options: LaunchOptions): string[] {
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', line => {
      if (isChatter(line)) return;
      last.push(line);
      if (last.length > keptLines) last.shift();
      print(options, line, rank);
    });
  }
  return last;
}

/** What TensorFlow's and gRPC's own logs print: it is in the error, when it matters. */
function isChatter(line: string): boolean {
  return /^(WARNING: All log messages before absl|[IWE]\d{4} \d{2}:\d{2}:|[IWE]0000 )/.test(line);
}

function print({ onLine = printLine }: LaunchOptions, line: string, rank: number): void {
  onLine(line, rank);
}

function printLine(line: string, rank: number): void {
  console.log(`[worker ${rank}] ${line}`);
}

function failure(rank: number, how: string, last: readonly string[], cause?: Error): HelperError {
  const text = [`worker ${rank} ${how}; its last lines:`, ...(last.length ? last : ['(none)'])];
  return new HelperError('distributed/worker', text.join('\n'), cause ? { cause } : {});
}

function tfConfig(ports: readonly number[], index: number): string {
  const worker = ports.map(port => `127.0.0.1:${port}`);
  return JSON.stringify({ cluster: { worker }, task: { type: 'worker', index } });
}
