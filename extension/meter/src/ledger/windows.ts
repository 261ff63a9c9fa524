import { type Region, regionsOf } from './regions.ts';
import type { Policy, WindowOpening } from './types.ts';

/** What one sensor has counted for a window so far, in microjoules. */
export interface Tally {
  microjoules: number;
  idle: number;
  /** Standard deviation of the attribution, added up without hope that errors cancel. */
  deviation: number;
}

/** A window of one cell, or of a `measure()` block inside it. */
export interface Window extends WindowOpening {
  /** Infinity while it runs. */
  endNs: number;
  policy: Policy;
  /** By sensor id. */
  tallies: Map<string, Tally>;
}

/** Windows that have settled still tell where nothing idle can be learned. */
const REMEMBERED_NS = 6e10;
const RECENT_NS = 5e9;
const REMEMBERED = 100;

/** The windows that are open or not settled, and those that just were. */
export class Windows {
  readonly #live = new Map<string, Window>();
  #past: Window[] = [];
  #forgottenNs = -Infinity;
  #regions: Region[] | undefined;

  /** A window by id, if it has not settled. */
  get(id: string): Window | undefined {
    return this.#live.get(id);
  }

  /** Windows that have not settled. */
  live(): IterableIterator<Window> {
    return this.#live.values();
  }

  /** Windows of cells, with those that settled a moment ago. */
  cells(): Window[] {
    const newestNs = this.#past.at(-1)?.endNs ?? 0;
    const recent = this.#past.filter(({ endNs }) => endNs > newestNs - RECENT_NS);
    return [...recent, ...this.#live.values()].filter(window => window.parent === undefined);
  }

  /** All of time, cut at the windows' edges. */
  get regions(): readonly Region[] {
    // Nobody knows which time was quiet before the oldest window that is remembered.
    const unknown = { startNs: -Infinity, endNs: this.#forgottenNs };
    this.#regions ??= regionsOf([unknown, ...this.#past, ...this.#live.values()]);
    return this.#regions;
  }

  /** Adds a window; a parent that has settled or was never known makes it a cell of its own. */
  open(opening: WindowOpening, policy: Policy): Window {
    const { parent, ...rest } = opening;
    const known = parent !== undefined && this.#live.has(parent) ? { parent } : {};
    const window = { ...rest, ...known, endNs: Infinity, policy, tallies: new Map() };
    this.#live.set(window.id, window);
    this.#regions = undefined;
    return window;
  }

  /** Sets a window's end; undefined when there is no such window. */
  close(id: string, endNs: number): Window | undefined {
    const window = this.#live.get(id);
    if (window === undefined || window.endNs !== Infinity) return undefined;
    window.endNs = Math.max(endNs, window.startNs);
    this.#regions = undefined;
    return window;
  }

  /** Takes a window out; it is remembered for a while. */
  settle(window: Window): void {
    this.#live.delete(window.id);
    this.#past.push(window);
    const kept = this.#past
      .filter(({ endNs }) => endNs > window.endNs - REMEMBERED_NS)
      .slice(-REMEMBERED);
    for (const one of this.#past) {
      if (!kept.includes(one)) this.#forgottenNs = Math.max(this.#forgottenNs, one.endNs);
    }
    this.#past = kept;
    this.#regions = undefined;
  }

  /** Windows that are open during the whole of [fromNs, toNs). */
  covering(fromNs: number, toNs: number): Window[] {
    return [...this.#live.values()].filter(w => w.startNs <= fromNs && w.endNs >= toNs);
  }

  /** The cell's window around a window; itself for a cell. */
  root(window: Window): Window {
    const parent = this.#live.get(window.parent ?? '');
    return parent === undefined ? window : this.root(parent);
  }
}

/** A window's tally for a sensor, made when it is first asked for. */
export function tallyOf(window: Window, sensorId: string): Tally {
  let tally = window.tallies.get(sensorId);
  if (tally === undefined) {
    tally = { microjoules: 0, idle: 0, deviation: 0 };
    window.tallies.set(sensorId, tally);
  }
  return tally;
}
