import { existsSync } from 'node:fs';

import { monotonicNs } from '../clock.ts';
import { reasonOf } from '../errors.ts';
import type { Places } from '../paths.ts';
import { type Connection, readConnectionFile } from './connection-file.ts';
import { realPath, stampOf, statOf } from './files.ts';
import { FolderWatch } from './folder-watch.ts';
import { type KernelContext, type KernelEvents, KernelListener } from './kernel-listener.ts';
import { type Candidate, kernelProcess, ProcessFinder, runtimeDirOf } from './processes.ts';
import type { ProcessTree } from './process-tree.ts';
import { Refusals } from './refusals.ts';
import { Sockets } from './sockets.ts';
import { Unlisted } from './unlisted.ts';

const scanMs = 5_000;
/** The process comes some 0.1 to 2 s after its connection file. */
const searchMs = [20, 60, 150, 300, 600, 1_200, 2_500];
/** A file is written in two steps; a look in between finds half of it. */
const secondLookMs = 150;
/** A file this old without a process is left over from a kernel that is gone. */
const staleMs = 60_000;
/** A process that names the file comes within this time; then its port is asked for. */
const namedMs = 2_500;
/** One user's messages must not use up the memory of the daemon that serves all. */
export const largestMessageBytes = 2 ** 28;
/** What a kernel said last may be read this long after its process has ended. */
const lastWordsMs = 250;

/** Where kernels are looked for, and whose. */
export type KernelPlaces = Pick<Places, 'runtimeDir' | 'tempDir' | 'user' | 'system'>;

/** Finds kernels by their connection files and keeps a listener for each that may be alive. */
export class Kernels {
  readonly #context: KernelContext;
  readonly #places: KernelPlaces;
  readonly #listeners = new Map<string, KernelListener>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #refusals: Refusals;
  readonly #finder: ProcessFinder;
  readonly #sockets: Sockets;
  /** What files that are known looked like when they were read. */
  readonly #read = new Map<string, string>();
  /** Files of another daemon's kernels, with their processes. */
  readonly #foreign = new Map<string, number>();
  /** Processes that have ended while a cell ran, whose last words are waited for. */
  readonly #ending = new WeakSet<ProcessTree>();
  #folders: FolderWatch[] = [];

  constructor(places: KernelPlaces, context: KernelContext) {
    this.#places = places;
    const { events } = context;
    const unlisted = new Unlisted(what => events.trouble(what));
    this.#finder = new ProcessFinder(places.user, failure => unlisted.failed(failure));
    this.#sockets = new Sockets(places.user);
    this.#refusals = new Refusals(what => events.trouble(what));
    const window: KernelEvents['window'] = (change, cell, kernel) => {
      // A kernel that was started anew may run a cell before its process is looked for again.
      if (change === 'opened' && !kernel.tree) this.#check(kernel, this.#finder.find());
      events.window(change, cell, kernel);
    };
    this.#context = {
      ...context,
      ...(places.system && { largestMessageBytes }),
      events: { ...events, window }
    };
  }

  /** Kernels that are listened to. */
  get all(): KernelListener[] {
    return [...this.#listeners.values()];
  }

  /** Connection files that were refused, by path, with the reason. */
  get rejected(): ReadonlyMap<string, string> {
    return this.#refusals.all;
  }

  /** Watches from now on; kernels that run already are found before it returns. */
  start(): void {
    const changed = (path: string) => this.#look(path, true);
    this.#folders = [
      new FolderWatch(this.#places.runtimeDir, !this.#places.system, changed),
      new FolderWatch(this.#places.tempDir, false, changed)
    ];
    this.scan();
    const timer = setInterval(() => this.scan(), scanMs);
    timer.unref();
    this.#timers.add(timer);
  }

  /** The kernel whose process tree holds a process. */
  kernelOf(pid: number): KernelListener | undefined {
    return this.all.find(({ tree }) => tree?.has(pid));
  }

  /** Closes what is open and forgets everything. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const folder of this.#folders) folder.close();
    const listeners = this.all;
    this.#listeners.clear();
    await Promise.all(listeners.map(listener => listener.close()));
  }

  /** Looks for files, kernels and processes that notifications did not tell of. */
  scan(): void {
    this.#refusals.forgetGone();
    const candidates = this.#finder.find();
    for (const folder of this.#folders) {
      const own = folder.folder === this.#places.runtimeDir;
      for (const path of folder.list()) {
        if (own || named(path, candidates)) this.#look(path, false, candidates);
      }
    }
    for (const { files } of candidates) {
      for (const path of files) this.#look(path, false, candidates);
    }
    for (const listener of this.all) this.#check(listener, candidates);
  }

  /** Ends the windows of kernels whose process has ended; cheap, to be called often. */
  checkAlive(): void {
    for (const listener of this.all) this.#checkDeath(listener);
  }

  #checkDeath(listener: KernelListener): void {
    const { tree } = listener;
    if (!tree || tree.alive || this.#ending.has(tree)) return;
    const endedNs = monotonicNs();
    if (listener.windows.running.length === 0) this.#bury(listener, endedNs);
    else {
      this.#ending.add(tree);
      this.#later(lastWordsMs, () => {
        if (listener.tree === tree) this.#bury(listener, endedNs);
      });
    }
  }

  #bury(listener: KernelListener, endedNs: number): void {
    listener.died(endedNs);
    this.#search(listener);
  }

  #search(listener: KernelListener): void {
    for (const delay of searchMs) {
      this.#later(delay, () => {
        if (!listener.tree) this.#check(listener, this.#finder.find());
      });
    }
  }

  #look(path: string, fresh: boolean, candidates?: Candidate[]): void {
    const stamp = stampOf(path);
    if (!fresh && stamp !== undefined && this.#read.get(path) === stamp) return;
    let connection: Connection | undefined;
    try {
      connection = readConnectionFile(path, this.#places);
    } catch (error) {
      if (fresh) this.#later(secondLookMs, () => this.#look(path, false));
      else if (this.#isKernelFile(path)) this.#refusals.add(path, reasonOf(error));
      return;
    }
    try {
      const isHeard = connection && this.#consider(connection, fresh, candidates ?? []);
      if (isHeard && stamp !== undefined) this.#read.set(path, stamp);
      this.#refusals.delete(path);
    } catch (error) {
      // An address that no socket takes, or no more sockets: the next scan tries again.
      this.#refusals.add(path, reasonOf(error));
    }
  }

  /** Listens unless there is no kernel of ours behind it; true when it was listened to before. */
  #consider(connection: Connection, fresh: boolean, candidates: Candidate[]): boolean {
    const known = this.#listeners.get(connection.path);
    if (known && sameAddress(known.connection, connection)) {
      known.retry();
      return true;
    }
    // A kernel was started anew on other ports under the same file.
    if (known) this.#forget(known);
    else if (!fresh && this.#isStale(connection, candidates)) return false;
    else if (this.#isForeign(connection, candidates)) return false;
    this.#listen(connection);
    return false;
  }

  #listen(connection: Connection): void {
    const listener = new KernelListener(connection, this.#context);
    this.#listeners.set(connection.path, listener);
    this.#context.events.changed(listener);
    this.#check(listener, this.#finder.find());
    this.#search(listener);
  }

  #check(listener: KernelListener, candidates: Candidate[]): void {
    const { path } = listener.connection;
    if (this.#listeners.get(path) !== listener) return;
    this.#checkDeath(listener);
    if (listener.tree) return;
    const pid = kernelProcess(path, candidates) ?? this.#ownerOf(listener);
    if (this.#isForeign(listener.connection, candidates)) this.#forget(listener);
    else if (pid !== undefined) listener.attach(pid);
    else if (!existsSync(path) || this.#isSilent(listener)) this.#forget(listener);
    else listener.notFound();
  }

  /** The process behind the port, when none came that names the file; it is the kernel's once that was heard. */
  #ownerOf({ connection, sinceNs, diedNs, heardNs }: KernelListener): number | undefined {
    if (heardNs === 0 || monotonicNs() - Math.max(sinceNs, diedNs) < namedMs * 1e6)
      return undefined;
    return this.#sockets.ownerOf(connection);
  }

  #forget(listener: KernelListener): void {
    listener.died(monotonicNs());
    for (const [path] of this.#read) {
      if (realPath(path) === listener.connection.path) this.#read.delete(path);
    }
    this.#listeners.delete(listener.connection.path);
    void listener.close();
    this.#context.events.changed(listener);
  }

  /** No process, no word for a minute, and nobody behind its port. */
  #isSilent({ connection, heardNs, sinceNs }: KernelListener): boolean {
    const silentMs = (monotonicNs() - Math.max(heardNs, sinceNs)) / 1e6;
    return silentMs > staleMs && !this.#sockets.isServed(connection);
  }

  #isStale(connection: Connection, candidates: Candidate[]): boolean {
    if (kernelProcess(connection.path, candidates) !== undefined) return false;
    const found = statOf(connection.path);
    const isOld = !found || Date.now() - found.mtimeMs > staleMs;
    return isOld && !this.#sockets.isServed(connection);
  }

  /** A kernel outside our runtime folder whose Jupyter has another one: another daemon's. */
  #isForeign({ path }: Connection, candidates: Candidate[]): boolean {
    if (this.#places.system) return false;
    const { runtimeDir } = this.#places;
    if (path.startsWith(`${realPath(runtimeDir) ?? runtimeDir}/`)) return false;
    const pid = kernelProcess(path, candidates);
    if (pid === undefined) return false;
    if (this.#foreign.get(path) === pid) return true;
    const folder = runtimeDirOf(pid);
    if (folder === undefined || folder === runtimeDir) return false;
    this.#foreign.set(path, pid);
    return true;
  }

  #isKernelFile(path: string): boolean {
    return /(^|\/)kernel-[^/]*\.json$/.test(path);
  }

  #later(delayMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }
}

function named(path: string, candidates: Candidate[]): boolean {
  const real = candidates.length > 0 ? realPath(path) : undefined;
  return real !== undefined && candidates.some(({ files }) => files.includes(real));
}

function sameAddress(a: Connection, b: Connection): boolean {
  return a.iopubPort === b.iopubPort && a.ip === b.ip && a.key === b.key;
}
