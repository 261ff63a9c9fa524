import type { Reading, SensorDescription } from '../sensors/sensor.ts';
import { Activities } from './activities.ts';
import { SensorAccount } from './sensor-account.ts';
import type {
  Account,
  Activity,
  DomainPower,
  LedgerOptions,
  Policy,
  SensorEnergy,
  WindowEnergy,
  WindowOpening
} from './types.ts';
import { type Window, Windows } from './windows.ts';

export type * from './types.ts';

/** How long a window waits for the readings around its end. */
const PATIENCE_NS = 2e9;
/** Time without an edge is settled in pieces of this length. */
const CHUNK_NS = 5e9;

/**
 * The integer account of a machine's energy: readings and activity go in, windows' energies come
 * out. It does no I/O and reads no clock; all times are CLOCK_MONOTONIC ns.
 */
export class Ledger {
  readonly #accounts = new Map<string, SensorAccount>();
  readonly #activities = new Activities();
  readonly #windows = new Windows();
  readonly #clockErrorNs: number;
  #policy: Policy;

  constructor(options: LedgerOptions) {
    this.#policy = options.policy;
    this.#clockErrorNs = options.clockErrorNs;
  }

  /**
   * Starts an account for a sensor; readings of sensors never added are ignored. Sensors of one
   * device vouch for each other when a counter wraps.
   */
  addSensor(description: SensorDescription): void {
    const account = new SensorAccount(
      description,
      this.#windows,
      this.#activities,
      this.#clockErrorNs
    );
    for (const other of this.#accounts.values()) {
      if (packageOf(other.track.description) !== packageOf(description)) continue;
      other.track.counter.siblings.push(account.track.counter);
      account.track.counter.siblings.push(other.track.counter);
    }
    this.#accounts.set(description.id, account);
  }

  /** The device has gone: windows that run have a gap from then on, with this reason. */
  removeSensor(id: string, atNs: number, reason: string): void {
    const account = this.#accounts.get(id);
    if (account === undefined) return;
    account.track.end(reason);
    account.endedNs = atNs;
  }

  /** Takes a reading; those of one sensor come in time order. */
  reading(reading: Reading): void {
    this.#accounts.get(reading.sensorId)?.track.reading(reading);
  }

  /** Takes a sample of who uses the machine; the nearer to windows' edges, the better. */
  activity(activity: Activity): void {
    this.#activities.push(activity, this.#windows.cells());
  }

  /** The policy of windows that open from now on. */
  setPolicy(policy: Policy): void {
    this.#policy = policy;
  }

  /** Opens a window; its message may come late, so `startNs` may be in the past. */
  open(opening: WindowOpening): void {
    const window = this.#windows.open(opening, this.#policy);
    for (const account of this.#accounts.values()) account.claim(window);
  }

  /**
   * Closes a window; `settle` returns it once the readings around its end are in. Blocks inside it
   * that are still open end with it.
   */
  close(id: string, endNs: number): void {
    const window = this.#windows.close(id, endNs);
    if (window === undefined) return;
    for (const { id: inner, parent } of [...this.#windows.live()]) {
      if (parent === id) this.close(inner, endNs);
    }
    for (const account of this.#accounts.values()) account.release(window);
  }

  /** What a window has cost so far, up to the newest trusted reading; nothing becomes settled. */
  preview(id: string, nowNs: number): WindowEnergy {
    const window = this.#windows.get(id);
    if (window === undefined) return { id, domains: [], gaps: [] };
    const result: WindowEnergy = { id, domains: [], gaps: [] };
    for (const account of this.#accountsFor(window)) {
      const { points } = account.track;
      const newest = points.size > 0 ? points.at(points.size - 1) : -Infinity;
      const endNs = Math.min(nowNs, window.endNs, newest);
      if (!(endNs > window.startNs)) continue;
      const { energy, gaps } = account.energy(window, endNs);
      if (energy) result.domains.push(energy);
      result.gaps.push(...gaps);
    }
    return result;
  }

  /**
   * Windows whose readings are in, or that have waited for two seconds, in the order of their ends;
   * each is returned once. With a gap inside, a value is what is known, and its interval reaches up
   * to what the gap may hide; a sensor that knows nothing of the window has a gap only.
   */
  settle(nowNs: number): WindowEnergy[] {
    for (const account of this.#accounts.values()) account.calibrate();
    const closed = [...this.#windows.live()]
      .filter(window => window.endNs <= nowNs)
      .sort((a, b) => a.endNs - b.endNs || b.startNs - a.startNs);
    const settled = closed.flatMap(window =>
      this.#isReady(window, nowNs) ? [this.#settleWindow(window)] : []
    );
    for (const account of this.#accounts.values()) settleQuietTime(account, nowNs);
    return settled;
  }

  /** The latest power of each sensor. */
  power(): DomainPower[] {
    return [...this.#accounts.values()].flatMap(({ track, endedNs }) => {
      const power = track.power();
      if (power === undefined || endedNs < Infinity) return [];
      const { id, domain, kind, contained, relativeLow = 1, relativeHigh = 1 } = track.description;
      const { watts, atNs, error } = power;
      const low = Math.max(0, watts * (1 - error) * relativeLow);
      const high = watts * (1 + error) * relativeHigh;
      return [{ sensorId: id, domain, kind, contained, watts, low, high, atNs }];
    });
  }

  /** Where a sensor's energy went between two settled boundaries: edges of windows, infinities. */
  account(sensorId: string, fromNs: number, toNs: number): Account {
    const empty: Account = { advance: 0, cells: 0, background: 0, idle: 0, other: 0, gap: 0 };
    return this.#accounts.get(sensorId)?.book.account(fromNs, toNs) ?? empty;
  }

  /** A device that went before the window began is none of its business. */
  #accountsFor(window: Window): SensorAccount[] {
    return [...this.#accounts.values()].filter(account => account.endedNs > window.startNs);
  }

  #isReady(window: Window, nowNs: number): boolean {
    const accounts = this.#accountsFor(window);
    const patienceNs = Math.max(PATIENCE_NS, ...accounts.map(({ track }) => track.patienceNs));
    if (nowNs >= window.endNs + patienceNs) return true;
    const newest = this.#activities.samples.at(-1)?.atNs ?? Infinity;
    if (newest < window.endNs && window.policy !== 'exclusive') return false;
    return accounts.every(({ track }) => track.isReady(window.endNs));
  }

  #settleWindow(window: Window): WindowEnergy {
    const domains: SensorEnergy[] = [];
    const result: WindowEnergy = { id: window.id, domains, gaps: [] };
    for (const account of this.#accountsFor(window)) {
      account.freeze(window.endNs);
      const { energy, gaps } = account.energy(window, window.endNs);
      if (energy) domains.push(energy);
      result.gaps.push(...gaps);
      account.remember(window);
    }
    this.#windows.settle(window);
    return result;
  }
}

/** Long times without an edge are settled too, so that memory stays bounded. */
function settleQuietTime(account: SensorAccount, nowNs: number): void {
  const { points } = account.track;
  const i = points.before(nowNs - PATIENCE_NS);
  if (i < 0) return;
  const ns = points.at(i);
  if (!(ns - account.book.endNs < CHUNK_NS)) account.freeze(ns);
}

/** Domains of one processor package share its resets: `package-0 dram` lies with `package-0`. */
function packageOf({ device }: SensorDescription): string {
  return /^package-\d+/.exec(device)?.[0] ?? device;
}
