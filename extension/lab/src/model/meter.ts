import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { EnergyApi } from '../api/requests';
import type { ServerEvent } from '../api/sse';
import { EventStream, type StreamOptions } from '../api/stream';
import type { DaemonSettings, Execution, Kernel, Power, Status } from '../api/types';
import type { LabError } from '../errors';

/** How the page stands with the daemon. */
export type Connection =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'old'; version: string }
  | { state: 'lost'; error: LabError };

/** One point of the power chart. */
export interface PowerSample {
  /** When it was read, in ms of the page's own clock: daemon and browser may disagree on the date. */
  at: number;
  power: Power;
}

/** How far back the live chart reaches, in ms. */
export const CHART_SPAN_MS = 60_000;

/** How far back the page remembers power, in ms, for the chart of a run. */
const MEMORY_MS = 600_000;

/** A reading later than this tells that a clock was set, in ms. */
const LATEST_MS = 120_000;

/** The part of the API that the model reads. */
export type MeterApi = Pick<EnergyApi, 'status' | 'events'>;

/** The daemon as the page knows it: its state, the power of the last minutes, its kernels. */
export class MeterModel implements IDisposable {
  private readonly _connectionChanged = new Signal<this, Connection>(this);
  private readonly _statusChanged = new Signal<this, void>(this);
  private readonly _powerChanged = new Signal<this, void>(this);
  private readonly _execution = new Signal<this, Execution>(this);
  private readonly _synchronise = new Signal<this, void>(this);
  private readonly _settingsChanged = new Signal<this, void>(this);
  private readonly stream: EventStream;
  private _connection: Connection = { state: 'connecting' };
  private _status: Status | null = null;
  private samples: PowerSample[] = [];
  private clockOffsetMs: number | null = null;

  constructor(
    private readonly api: MeterApi,
    options: StreamOptions = {}
  ) {
    this.stream = new EventStream((id, signal) => api.events(id, signal), options);
    this.stream.opened.connect(() => void this.greet());
    this.stream.event.connect((_, event) => this.take(event));
    this.stream.failed.connect((_, error) => this.setConnection({ state: 'lost', error }));
  }

  /** Emitted when the daemon is found, lost or unsuitable. */
  get connectionChanged(): ISignal<this, Connection> {
    return this._connectionChanged;
  }

  /** Emitted when sensors, kernels or the daemon's settings changed. */
  get statusChanged(): ISignal<this, void> {
    return this._statusChanged;
  }

  /** Emitted with each power reading. */
  get powerChanged(): ISignal<this, void> {
    return this._powerChanged;
  }

  /** Each execution that started, went on or finished. */
  get execution(): ISignal<this, Execution> {
    return this._execution;
  }

  /** Emitted after each connection: rows may have been written while nobody listened. */
  get synchronise(): ISignal<this, void> {
    return this._synchronise;
  }

  /** Emitted when somebody changed the daemon's settings. */
  get settingsChanged(): ISignal<this, void> {
    return this._settingsChanged;
  }

  /** How the page stands with the daemon. */
  get connection(): Connection {
    return this._connection;
  }

  /** The daemon's last word on itself; null before the first. */
  get status(): Status | null {
    return this._status;
  }

  /** The power of the last ten minutes as far as the page saw it, oldest first. */
  get power(): readonly PowerSample[] {
    return this.samples;
  }

  /** The power of the last minute, oldest first, and one reading before it. */
  get lastMinute(): readonly PowerSample[] {
    const from = Date.now() - CHART_SPAN_MS;
    const first = this.samples.findIndex(sample => sample.at >= from);
    return first < 0 ? [] : this.samples.slice(Math.max(0, first - 1));
  }

  /** The last power reading, unless it is too old to count as now. */
  get now(): Power | null {
    const last = this.samples[this.samples.length - 1];
    return last && this._connection.state === 'live' && Date.now() - last.at < 5_000
      ? last.power
      : null;
  }

  /** A date of the daemon on the page's own clock, in ms: the two may disagree. */
  pageTime(date: string): number {
    return Date.parse(date) + (this.clockOffsetMs ?? 0);
  }

  /** Whether the model has been disposed. */
  get isDisposed(): boolean {
    return this.stream.isDisposed;
  }

  /** Begins to listen, or goes on after `pause`. */
  start(): void {
    this.stream.start();
  }

  /** Stops listening, for example while the page is hidden. */
  pause(): void {
    this.stream.pause();
  }

  /** Tries a lost connection again now. */
  retry(): void {
    this.stream.nudge();
  }

  /** Asks the daemon again for its sensors and kernels. */
  async refresh(): Promise<void> {
    this._status = await this.api.status();
    this._statusChanged.emit();
  }

  /** Lets go of the connection for good. */
  dispose(): void {
    this.stream.dispose();
    Signal.clearData(this);
  }

  private async greet(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.setConnection({ state: 'lost', error: error as LabError });
      return;
    }
    const version = this._status?.version ?? '';
    const suits = /^0\.[1-9]|^[1-9]/.test(version);
    this.setConnection(suits ? { state: 'live' } : { state: 'old', version });
    this._synchronise.emit();
  }

  private take({ event, data }: ServerEvent): void {
    let body: unknown;
    try {
      body = JSON.parse(data);
    } catch {
      return;
    }
    if (event === 'power') this.addPower(body as Power);
    else if (event === 'started' || event === 'progress' || event === 'finished') {
      this._execution.emit(body as Execution);
    } else if (event === 'kernels') {
      this.amend({ kernels: kernelsOf(body) });
    } else if (event === 'settings') {
      this.amend({ policy: (body as DaemonSettings).policy });
      this._settingsChanged.emit();
    }
  }

  private amend(change: Partial<Status>): void {
    if (!this._status) return;
    this._status = { ...this._status, ...change };
    this._statusChanged.emit();
  }

  private addPower(power: Power): void {
    const now = Date.now();
    const daemonAt = Date.parse(power.at);
    if (Number.isFinite(daemonAt)) this.learnClock(now - daemonAt);
    const at = Number.isFinite(daemonAt) ? this.pageTime(power.at) : now;
    this.samples = [...this.samples.filter(s => s.at > at - MEMORY_MS), { at, power }];
    this._powerChanged.emit();
  }

  /**
   * Readings may come late and many at once, never early: the least delay tells the clocks apart.
   * A clock that was set since is noticed by a delay that no delivery explains.
   */
  private learnClock(delayMs: number): void {
    const known = this.clockOffsetMs;
    if (known !== null && delayMs >= known && delayMs < known + LATEST_MS) return;
    const shift = known === null || delayMs > known ? 0 : delayMs - known;
    this.clockOffsetMs = delayMs;
    if (shift !== 0) this.samples = this.samples.map(s => ({ ...s, at: s.at + shift }));
  }

  private setConnection(connection: Connection): void {
    this._connection = connection;
    this._connectionChanged.emit(connection);
  }
}

function kernelsOf(body: unknown): Kernel[] {
  return Array.isArray(body)
    ? (body as Kernel[])
    : ((body as { kernels?: Kernel[] }).kernels ?? []);
}
