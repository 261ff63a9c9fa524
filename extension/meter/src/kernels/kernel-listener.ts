import { createHash } from 'node:crypto';

import { monotonicNs } from '../clock.ts';
import { reasonOf } from '../errors.ts';
import type { WallClock } from '../wall-clock.ts';
import type { Kernel, MessageCounts } from '../execution.ts';
import type { Connection } from './connection-file.ts';
import { type KernelMessage, looksLikeEdge, readMessage } from './message.ts';
import { ProcessTree } from './process-tree.ts';
import { commandLine, notebookOf } from './processes.ts';
import { Subscription } from './subscription.ts';
import { notebookToldBy } from './vscode.ts';
import { type CellWindow, type WindowChange, type WindowMessage, Windows } from './windows.ts';

/** Kernels whose implementation is known to send execute_input for each cell. */
const sendsInput = /ipykernel|joulebook|runtime\/kernel\.mjs|xeus|xpython|deno|IRkernel|IJulia/i;
const interruptions = /^(KeyboardInterrupt|Interrupted|InterruptException|Interrupt)$/;
/** A date this far after its arrival, or this far before on every message, is another clock's. */
const futureNs = 1_000_000_000;
const foreignLagNs = 5_000_000_000;

/** What a listener tells, synchronously. */
export interface KernelEvents {
  /** A window's edge is about to be parsed: read the counters now. */
  edge(): void;
  /** Something happened to a cell's window. */
  window(change: WindowChange, window: CellWindow, kernel: KernelListener): void;
  /** The connection to a kernel broke: the end of its cell may be lost. */
  broken(kernel: KernelListener): void;
  /** The kernel's state, process or notebook changed. */
  changed(kernel: KernelListener): void;
  /** A line for people about what is not metered. */
  trouble(what: string): void;
}

/** What listeners share. */
export interface KernelContext {
  clock: WallClock;
  counts: MessageCounts;
  events: KernelEvents;
  /** A message with a larger part breaks the connection. @default any size */
  largestMessageBytes?: number;
}

/** One kernel: its messages become windows, its process becomes CPU time. */
export class KernelListener {
  readonly connection: Connection;
  readonly sinceNs = monotonicNs();
  readonly windows: Windows;
  readonly #context: KernelContext;
  readonly #subscription: Subscription;
  #tree: ProcessTree | undefined;
  #notebook: string | null;
  #state: Kernel['state'] = 'unknown';
  #leastLagNs = Infinity;
  #notFound = false;
  /** A message could not be handled, or not even received: each is told once. */
  #isTroubled = false;
  #hasRefused = false;

  /** When the last message arrived, monotonic ns; 0 before the first. */
  heardNs = 0;
  /** When its process was last found to have ended, monotonic ns; 0: never. */
  diedNs = 0;

  constructor(connection: Connection, context: KernelContext) {
    this.connection = connection;
    this.#context = context;
    this.#notebook = connection.notebook;
    this.windows = new Windows(this.sinceNs, (change, window) =>
      context.events.window(change, window, this)
    );
    this.#subscription = new Subscription(
      connection,
      {
        frames: frames => this.#receive(frames),
        broken: () => context.events.broken(this),
        refused: () => this.#refused()
      },
      context.largestMessageBytes
    );
  }

  /** Its id, as in the name of the connection file. */
  get id(): string {
    return this.connection.kernelId;
  }

  /** Its process tree, once found. */
  get tree(): ProcessTree | undefined {
    return this.#tree;
  }

  /** Its process is not on this host, as far as can be told. */
  get remote(): boolean {
    return !this.connection.near || this.#notFound;
  }

  /** The kernel as the API shows it, without its power. */
  describe(): Omit<Kernel, 'watts'> {
    return {
      kernel_id: this.id,
      kernel_name: this.connection.kernelName,
      connection_file: this.connection.path,
      pid: this.#tree?.pid ?? null,
      notebook: this.#notebook,
      state: this.#state,
      remote: this.remote
    };
  }

  /** Its connection file has changed: who is behind its address is asked again at once. */
  retry(): void {
    this.#subscription.retry();
  }

  /** Its process was found. */
  attach(pid: number): void {
    if (this.#tree?.pid === pid) return;
    this.#subscription.retry();
    this.#tree?.close();
    this.#tree = new ProcessTree(pid);
    this.#notFound = false;
    this.#notebook ??= notebookOf(pid);
    if (sendsInput.test(commandLine(pid))) this.windows.expectInput();
    this.#context.events.changed(this);
  }

  /** No process of this host runs it, although it talks: it is elsewhere. */
  notFound(): void {
    if (this.#tree || this.#notFound || this.heardNs === 0) return;
    this.#notFound = true;
    this.#context.events.changed(this);
  }

  /** Its process has ended at about `atNs`; cells that ran have died. */
  died(atNs: number): void {
    this.heardNs = 0;
    this.diedNs = atNs;
    // The tree is there still: what it has counted is the cell's.
    this.windows.end(atNs, 'died');
    this.#tree?.close();
    this.#tree = undefined;
    this.#setState('unknown');
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.#tree?.close();
    await this.#subscription.close();
  }

  /** One message that cannot be handled must not end the listening. */
  #receive(frames: Buffer[]): void {
    try {
      this.#take(frames);
    } catch (error) {
      this.#context.counts.unknown_messages += 1;
      if (!this.#isTroubled) this.#context.events.trouble(troubleOf(this.connection, error));
      this.#isTroubled = true;
    }
  }

  #refused(): void {
    if (this.#hasRefused) return;
    this.#hasRefused = true;
    const { events, largestMessageBytes: most } = this.#context;
    const what = most === undefined ? '' : ` is larger than ${most} bytes or`;
    events.trouble(
      `the kernel of ${this.connection.path} said what${what} is no message of Jupyter: the connection ` +
        'was made anew, and a cell that ran may lack its end'
    );
  }

  #take(frames: Buffer[]): void {
    const arrivedNs = monotonicNs();
    if (looksLikeEdge(frames)) this.#context.events.edge();
    const message = readMessage(frames, this.connection);
    const { counts } = this.#context;
    if (message === 'malformed') counts.malformed_messages += 1;
    else if (message === 'bad-signature') counts.bad_signatures += 1;
    else {
      this.heardNs = arrivedNs;
      if (message !== 'other') this.#handle(message, arrivedNs);
    }
  }

  #handle(message: KernelMessage, arrivedNs: number): void {
    const { content, parent } = message;
    const atNs = this.#moment(message.dateNs, arrivedNs);
    if (message.type === 'shutdown_reply') {
      this.windows.end(atNs, content.restart === true ? 'interrupted' : 'died');
      return;
    }
    const state = message.type === 'status' ? content.execution_state : undefined;
    if (state === 'starting') this.windows.end(atNs, 'died');
    if (state === 'busy' || state === 'idle') this.#setState(state);
    if (parent.type !== 'execute_request') {
      if (state === 'busy') this.windows.takeOther(parent.type, parent.subshell, atNs);
      return;
    }
    if (message.type === 'execute_input') this.#notebook ??= notebookToldBy(content.code);
    const about = { parentId: parent.id, subshell: parent.subshell, atNs };
    const known = windowMessage(message, about);
    if (known && !this.windows.take(known)) this.#context.counts.unknown_messages += 1;
  }

  /** A message's moment by its own date, or by its arrival where the date cannot be right. */
  #moment(dateNs: bigint | undefined, arrivedNs: number): number {
    const { clock } = this.#context;
    clock.sample();
    if (dateNs === undefined) return arrivedNs;
    const atNs = clock.toMonotonic(dateNs);
    const lagNs = arrivedNs - atNs;
    if (lagNs < -futureNs) return arrivedNs;
    this.#leastLagNs = Math.min(this.#leastLagNs, lagNs);
    return this.#leastLagNs > foreignLagNs ? arrivedNs : Math.min(atNs, arrivedNs);
  }

  #setState(state: Kernel['state']): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#context.events.changed(this);
  }
}

function windowMessage(
  { type, content }: KernelMessage,
  about: { parentId: string; subshell: string; atNs: number }
): WindowMessage | undefined {
  if (type === 'status') {
    const state = content.execution_state;
    if (state === 'busy') return { ...about, kind: 'busy' };
    return state === 'idle' ? { ...about, kind: 'idle' } : undefined;
  }
  if (type === 'error') {
    const name = typeof content.ename === 'string' ? content.ename : '';
    return { ...about, kind: 'error', interrupted: interruptions.test(name) };
  }
  const { code, execution_count: count } = content;
  return {
    ...about,
    kind: 'input',
    sourceSha256:
      typeof code === 'string' ? createHash('sha256').update(code, 'utf8').digest('hex') : null,
    // The history has a column of integers for it.
    executionCount: typeof count === 'number' && Number.isSafeInteger(count) ? count : null
  };
}

function troubleOf({ path }: Connection, error: unknown): string {
  return `a message of the kernel of ${path} could not be handled: ${reasonOf(error)}`;
}
