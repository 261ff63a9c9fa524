import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { LabError } from '../errors';
import { type ServerEvent, SseParser } from './sse';

/** Opens the event stream after an id; the text ends or throws when the connection is lost. */
export type OpenStream = (lastEventId: string | null, signal: AbortSignal) => AsyncIterable<string>;

/** Times of the event stream, all in ms. */
export interface StreamOptions {
  /** The longest wait between two attempts. @default 30000 */
  longestWaitMs?: number;
  /** Silence after which a connection counts as lost. @default 30000 */
  silenceMs?: number;
}

/**
 * The daemon's events, kept flowing: a lost connection is opened again after the last event seen,
 * first after the time that the server asked for, then at doubling distances.
 */
export class EventStream implements IDisposable {
  private readonly _event = new Signal<this, ServerEvent>(this);
  private readonly _opened = new Signal<this, void>(this);
  private readonly _failed = new Signal<this, LabError>(this);
  private abort: AbortController | null = null;
  private wake: () => void = () => undefined;
  private lastEventId: string | null = null;
  private retryMs = 1_000;
  private failures = 0;
  private readonly longestWaitMs: number;
  private readonly silenceMs: number;

  constructor(
    private readonly open: OpenStream,
    options: StreamOptions = {}
  ) {
    this.longestWaitMs = options.longestWaitMs ?? 30_000;
    this.silenceMs = options.silenceMs ?? 30_000;
  }

  /** Each event as it comes. */
  get event(): ISignal<this, ServerEvent> {
    return this._event;
  }

  /** Emitted with the first text of each connection: what came in between may need a look. */
  get opened(): ISignal<this, void> {
    return this._opened;
  }

  /** Emitted each time a connection fails or ends. */
  get failed(): ISignal<this, LabError> {
    return this._failed;
  }

  /** Whether the stream has been disposed. */
  get isDisposed(): boolean {
    return this.disposed;
  }

  private disposed = false;

  /** Begins, or goes on after `pause`. */
  start(): void {
    if (this.abort || this.disposed) return;
    this.abort = new AbortController();
    void this.run(this.abort);
  }

  /** Lets go of the connection; nothing is asked of the server until `start`. */
  pause(): void {
    this.abort?.abort();
    this.abort = null;
    this.wake();
  }

  /** Tries again now instead of waiting out the back-off. */
  nudge(): void {
    this.failures = 0;
    this.wake();
  }

  /** Ends the stream for good. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.pause();
    Signal.clearData(this);
  }

  private async run(owner: AbortController): Promise<void> {
    while (this.abort === owner) {
      const reason = await this.connection(owner).catch((error: unknown) => error);
      if (this.abort !== owner) return;
      this._failed.emit(asLabError(reason));
      await this.wait();
    }
  }

  private async connection(owner: AbortController): Promise<void> {
    const parser = new SseParser();
    const once = new AbortController();
    const end = (): void => once.abort();
    owner.signal.addEventListener('abort', end);
    let watchdog = setTimeout(end, this.silenceMs);
    let first = true;
    try {
      for await (const chunk of this.open(this.lastEventId, once.signal)) {
        if (this.abort !== owner) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(end, this.silenceMs);
        if (first) {
          first = false;
          this.failures = 0;
          this._opened.emit();
        }
        this.read(parser, chunk);
      }
    } finally {
      clearTimeout(watchdog);
      owner.signal.removeEventListener('abort', end);
      once.abort();
    }
  }

  private read(parser: SseParser, chunk: string): void {
    const events = parser.push(chunk);
    this.lastEventId = parser.lastEventId ?? this.lastEventId;
    this.retryMs = parser.retryMs ?? this.retryMs;
    for (const event of events) this._event.emit(event);
  }

  private async wait(): Promise<void> {
    const doubled = this.retryMs * 2 ** Math.min(this.failures, 10);
    this.failures += 1;
    // Some scatter keeps many pages from returning in the same moment.
    const waitMs = Math.min(doubled, this.longestWaitMs) * (0.75 + Math.random() / 4);
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, waitMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function asLabError(reason: unknown): LabError {
  if (reason instanceof LabError) return reason;
  return new LabError('api/unreachable', 'the event stream ended', { cause: reason });
}
