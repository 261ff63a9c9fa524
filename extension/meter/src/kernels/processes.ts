import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { basename, resolve } from 'node:path';

import { placesOf } from '../paths.ts';
import { isOf, newestPid, processIds, readProc, readStat } from './proc.ts';

/** A process of the user that names JSON files on its command line. */
export interface Candidate {
  pid: number;
  /** Absolute paths of the JSON files it names. */
  files: string[];
}

/** A process that is this old will not become another program any more. */
const settledMs = 10_000;

/**
 * Finds processes of a user whose command line names a JSON file: nearly all kernels are started
 * with the path of their connection file. Clients (`jupyter console --existing FILE`) are left out.
 * What an older process names is remembered, so that looking again costs one folder listing, and
 * next to nothing while no process has been started.
 */
export class ProcessFinder {
  readonly #known = new Map<number, { sinceMs: number; files: string[] }>();
  readonly #user: number;
  readonly #unlisted: (failure: string) => void;
  #newestPid: number | undefined;
  #settledMs = 0;

  /**
   * Finds those of a user, by the system's number.
   * @param unlisted Gets the system's code whenever the processes cannot be listed.
   */
  constructor(user: number, unlisted: (failure: string) => void) {
    this.#user = user;
    this.#unlisted = unlisted;
  }

  /** Those that run now; as far as was known before, where the system does not list its processes. */
  find(): Candidate[] {
    const nowMs = Date.now();
    const newest = newestPid();
    if (newest !== undefined && newest === this.#newestPid && nowMs > this.#settledMs) {
      return this.#candidates().filter(({ pid }) => existsSync(`/proc/${pid}`));
    }
    const listing = processIds();
    if ('failure' in listing) {
      this.#unlisted(listing.failure);
      return this.#candidates();
    }
    if (newest !== this.#newestPid) this.#settledMs = nowMs + settledMs;
    this.#newestPid = newest;
    const pids = new Set(listing.pids);
    for (const pid of this.#known.keys()) if (!pids.has(pid)) this.#known.delete(pid);
    for (const pid of pids) {
      const known = this.#known.get(pid);
      if (known && nowMs - known.sinceMs > settledMs) continue;
      this.#known.set(pid, { sinceMs: known?.sinceMs ?? nowMs, files: filesOf(this.#user, pid) });
    }
    return this.#candidates();
  }

  #candidates(): Candidate[] {
    return [...this.#known].flatMap(([pid, { files }]) => (files.length > 0 ? { pid, files } : []));
  }
}

function filesOf(user: number, pid: number): string[] {
  if (!isOf(user, pid)) return [];
  const args = readProc(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  return args.includes('--existing') ? [] : args.flatMap(arg => jsonFile(pid, arg));
}

/** The process that runs a connection file's kernel: the first ancestor among those that name it. */
export function kernelProcess(path: string, candidates: Candidate[]): number | undefined {
  const pids = candidates.filter(({ files }) => files.includes(path)).map(({ pid }) => pid);
  return pids.find(pid => !pids.includes(readStat(pid)?.parent ?? 0));
}

/** What a process calls itself on its command line. */
export function commandLine(pid: number): string {
  return readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? '';
}

/**
 * The notebook that Jupyter Server told a kernel about: an absolute path, or null. Consoles and
 * scripts have sessions as well, whose names are no notebooks'.
 */
export function notebookOf(pid: number): string | null {
  const name = environmentOf(pid)?.JPY_SESSION_NAME;
  return name?.startsWith('/') && name.endsWith('.ipynb') ? name : null;
}

/** The runtime folder that a process's Jupyter uses; undefined when that cannot be told. */
export function runtimeDirOf(pid: number): string | undefined {
  const environment = environmentOf(pid);
  return environment && placesOf(environment).runtimeDir;
}

function environmentOf(pid: number): Record<string, string> | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/environ`, 'utf8');
    const pairs = text.split('\0').map(line => line.split(/=(.*)/s, 2));
    return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
  } catch {
    return undefined;
  }
}

/** Whether an address is one of this host's; a name is none, but for `localhost`. */
export function isLocalAddress(ip: string): boolean {
  if (isIPv4(ip) && ip.startsWith('127.')) return true;
  if (['0.0.0.0', '::', '::1', 'localhost'].includes(ip)) return true;
  const own = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? []);
  return own.some(({ address }) => address === ip);
}

function jsonFile(pid: number, arg: string): string[] {
  if (!arg.endsWith('.json')) return [];
  const path = arg.startsWith('-') ? arg.slice(arg.indexOf('=') + 1) : arg;
  if (!path || basename(path) === '.json') return [];
  try {
    const absolute = path.startsWith('/') ? path : resolve(readlinkSync(`/proc/${pid}/cwd`), path);
    return [realpathSync(absolute)];
  } catch {
    return [];
  }
}
