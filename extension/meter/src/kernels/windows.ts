import type { ExecutionStatus } from '../execution.ts';

/** Cells that ended are remembered, since background threads go on printing in their name. */
const rememberedCells = 1_000;
/** A cell of a kernel that may never send execute_input is shown after this. */
const silenceNs = 250_000_000;
/**
 * After an error a kernel answers cells that are queued without running them: busy and idle follow
 * within a millisecond, and no execute_input comes. A front end that hears of the error and sends
 * something silent takes longer than that, but a busy machine makes either slow.
 */
const abortNs = 50_000_000;

/** Requests that a shell serves one after another with cells: one that begins ends the cell. */
const serialRequests = new Set([
  'complete_request',
  'inspect_request',
  'history_request',
  'is_complete_request'
]);

/** One cell's window: from the kernel's busy to its idle. Times in CLOCK_MONOTONIC ns. */
export interface CellWindow {
  msgId: string;
  startNs: number;
  endNs: number | null;
  status: ExecutionStatus;
  /** SHA-256 of the source, and the prompt's number, when the kernel told them. */
  sourceSha256: string | null;
  executionCount: number | null;
  /** It certainly is a cell, and was announced as such. */
  announced: boolean;
  /** Its energy is known from here on; null: from its start. */
  meteredFromNs: number | null;
  /** The meter came when it was running: before `startNs` nothing is known. */
  joined: boolean;
}

/** `opened` precedes `announced`; a window that turns out to be no cell is `dropped`. */
export type WindowChange = 'opened' | 'announced' | 'closed' | 'dropped';

/** A message as far as windows care, with its date in monotonic ns. */
export type WindowMessage = { parentId: string; subshell: string; atNs: number } & (
  | { kind: 'busy' }
  | { kind: 'idle' }
  | { kind: 'input'; sourceSha256: string | null; executionCount: number | null }
  | { kind: 'error'; interrupted: boolean }
);

interface Shell {
  running: CellWindow | undefined;
  /** Cells a kernel called busy while another one ran, with that date. */
  queue: CellWindow[];
  idleNs: number;
  /** When a cell ended last that makes the kernel abort those behind it. */
  failedNs: number;
}

/**
 * Turns one kernel's messages into windows, keyed by the parent's id. A window is
 * [busy, idle); where a kernel calls queued cells busy on arrival (tslab), it is
 * [max(busy, previous idle), idle). Subshells run beside each other.
 */
export class Windows {
  readonly #shells = new Map<string, Shell>();
  readonly #ended = new Set<string>();
  readonly #changed: (change: WindowChange, window: CellWindow) => void;
  readonly #listeningSinceNs: number;
  /** Whether the kernel sends execute_input; undefined until that is known. */
  #sendsInput: boolean | undefined;
  /** It calls queued cells busy, so that another cell's begin proves nothing. */
  #eager = false;

  constructor(
    listeningSinceNs: number,
    changed: (change: WindowChange, window: CellWindow) => void
  ) {
    this.#listeningSinceNs = listeningSinceNs;
    this.#changed = changed;
  }

  /** Windows that are open. */
  get running(): CellWindow[] {
    return [...this.#shells.values()].flatMap(({ running }) => running ?? []);
  }

  /** Tells that the kernel's implementation is known to send execute_input. */
  expectInput(): void {
    this.#sendsInput ??= true;
  }

  /** Goes on with a window that another daemon began. */
  adopt(window: CellWindow): void {
    this.#shell('').running = window;
    this.#changed('opened', window);
  }

  /** Takes in a message about a cell; returns false when it is about no cell that is known. */
  take(message: WindowMessage): boolean {
    const { parentId } = message;
    if (this.#ended.has(parentId)) return true;
    const shell = this.#shell(message.subshell);
    if (message.kind === 'busy') this.#busy(shell, parentId, message.atNs);
    else if (message.kind === 'idle') return this.#idle(shell, parentId, message.atNs);
    else {
      // Where busy was lost, execute_input follows it at once and will do.
      if (message.kind === 'input') this.#busy(shell, parentId, message.atNs);
      const window = this.#find(shell, parentId) ?? this.#join(shell, parentId);
      if (!window) return false;
      if (message.kind === 'input') this.#input(shell, window, message);
      else window.status = message.interrupted ? 'interrupted' : 'error';
    }
    return true;
  }

  /** Another request was begun: if a shell serves them in turn, its cell has ended unheard. */
  takeOther(requestType: string, subshell: string, atNs: number): void {
    const { running } = this.#shell(subshell);
    if (!running?.sourceSha256 || this.#eager || atNs <= running.startNs) return;
    if (serialRequests.has(requestType)) this.#end(running, atNs, 'lost');
  }

  /** Announces cells that have run for a while in a kernel that may not send execute_input. */
  tick(nowNs: number): void {
    if (this.#sendsInput) return;
    for (const window of this.running) {
      if (nowNs - window.startNs > silenceNs) this.#announce(window);
    }
  }

  /** The kernel's process has ended or begins anew: everything open ends. */
  end(atNs: number, status: 'died' | 'interrupted' | 'lost'): void {
    for (const shell of this.#shells.values()) {
      shell.queue.length = 0;
      if (shell.running) this.#end(shell.running, Math.max(atNs, shell.running.startNs), status);
    }
  }

  #busy(shell: Shell, msgId: string, atNs: number): void {
    if (this.#find(shell, msgId)) return;
    const window = newWindow(msgId, atNs);
    if (shell.running) shell.queue.push(window);
    else this.#open(shell, window);
  }

  #open(shell: Shell, window: CellWindow): void {
    window.startNs = Math.max(window.startNs, shell.idleNs);
    shell.running = window;
    this.#changed('opened', window);
    if (this.#sendsInput === false || window.sourceSha256) this.#announce(window);
  }

  #input(
    shell: Shell,
    window: CellWindow,
    { sourceSha256, executionCount }: Extract<WindowMessage, { kind: 'input' }>
  ): void {
    this.#sendsInput = true;
    Object.assign(window, { sourceSha256, executionCount });
    if (shell.running === window) this.#announce(window);
    else if (shell.running && !this.#eager) this.#supersede(shell, shell.running, window);
  }

  /** The kernel works on a later cell: the idle of the one that ran was lost. */
  #supersede(shell: Shell, lost: CellWindow, next: CellWindow): void {
    shell.queue = shell.queue.filter(window => window !== next);
    this.#end(lost, Math.max(next.startNs, lost.startNs), 'lost', false);
    this.#open(shell, next);
  }

  #idle(shell: Shell, msgId: string, atNs: number): boolean {
    const window = this.#find(shell, msgId) ?? this.#join(shell, msgId);
    if (!window) return false;
    if (shell.running && shell.running !== window) this.#supersede(shell, shell.running, window);
    if (shell.queue.length > 0) this.#eager = true;
    shell.idleNs = Math.max(atNs, window.startNs);
    const status = window.status === 'running' ? this.#quietStatus(shell, window) : window.status;
    if (status !== 'ok') shell.failedNs = shell.idleNs;
    this.#end(window, shell.idleNs, status);
    return true;
  }

  /** How a cell ended that told of no error: one that never began right after an error was aborted. */
  #quietStatus(shell: Shell, window: CellWindow): ExecutionStatus {
    const isSilent = this.#sendsInput && !window.joined && window.sourceSha256 === null;
    return isSilent && window.startNs - shell.failedNs < abortNs ? 'aborted' : 'ok';
  }

  #end(window: CellWindow, atNs: number, status: ExecutionStatus, advance = true): void {
    const known = window.announced || window.joined || window.sourceSha256 !== null;
    const isCell = known || !this.#sendsInput || status === 'aborted';
    if (isCell) this.#announce(window);
    window.endNs = atNs;
    window.status = status;
    this.#remember(window.msgId);
    const shell = [...this.#shells.values()].find(({ running }) => running === window);
    if (shell) shell.running = undefined;
    this.#changed(isCell ? 'closed' : 'dropped', window);
    const next = advance ? shell?.queue.shift() : undefined;
    if (shell && next) this.#open(shell, next);
  }

  #announce(window: CellWindow): void {
    if (window.announced) return;
    window.announced = true;
    this.#changed('announced', window);
  }

  /** A cell whose begin nobody heard: it ran already when the meter came. */
  #join(shell: Shell, msgId: string): CellWindow | undefined {
    if (shell.running || shell.idleNs > 0) return undefined;
    const window = { ...newWindow(msgId, this.#listeningSinceNs), joined: true };
    // It is a cell for sure once its end is heard; until then it may be an old cell's thread.
    shell.running = window;
    this.#changed('opened', window);
    return window;
  }

  #find(shell: Shell, msgId: string): CellWindow | undefined {
    if (shell.running?.msgId === msgId) return shell.running;
    return shell.queue.find(window => window.msgId === msgId);
  }

  #shell(id: string): Shell {
    let shell = this.#shells.get(id);
    if (!shell) {
      shell = { running: undefined, queue: [], idleNs: 0, failedNs: -Infinity };
      this.#shells.set(id, shell);
    }
    return shell;
  }

  #remember(msgId: string): void {
    this.#ended.add(msgId);
    if (this.#ended.size <= rememberedCells) return;
    const [oldest] = this.#ended;
    if (oldest !== undefined) this.#ended.delete(oldest);
  }
}

function newWindow(msgId: string, startNs: number): CellWindow {
  return {
    msgId,
    startNs,
    meteredFromNs: null,
    endNs: null,
    status: 'running',
    sourceSha256: null,
    executionCount: null,
    announced: false,
    joined: false
  };
}
