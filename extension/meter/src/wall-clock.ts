import { monotonicNs } from './clock.ts';
import { realtimeNs } from './libc.ts';

/** From `fromNs` on, wall time was monotonic time plus `offsetNs`. */
interface Offset {
  fromNs: number;
  offsetNs: bigint;
}

/** Smaller changes of the offset are the noise of reading two clocks one after another. */
const noiseNs = 2_000;
/** A pair of readings this far apart was interrupted in between; try again. */
const interruptedNs = 20_000;
const remembered = 256;

/**
 * Maps wall time to monotonic time. The offset is sampled again and again, so slewing and steps of
 * the system clock (NTP, a user) are followed: a date is mapped by the offset of its own moment.
 */
export class WallClock {
  readonly #offsets: Offset[] = [];

  constructor() {
    this.sample();
  }

  /** Samples the offset; about a microsecond. Call it at every message and once a second. */
  sample(): void {
    let best = { spread: Infinity, at: 0, wall: 0n };
    for (let attempt = 0; attempt < 3 && best.spread > interruptedNs; attempt++) {
      const before = monotonicNs();
      const wall = realtimeNs();
      const after = monotonicNs();
      const spread = after - before;
      if (spread < best.spread) best = { spread, at: Math.round((before + after) / 2), wall };
    }
    this.follow(best.at, best.wall, best.spread / 2);
  }

  /**
   * Takes in that it was `wallNs` at `atNs`, or up to `errorNs` before or after: on a busy machine
   * every pair of readings may have been interrupted, which must not pass for a step of the clock.
   */
  follow(atNs: number, wallNs: bigint, errorNs = 0): void {
    const offsetNs = wallNs - BigInt(atNs);
    const last = this.#offsets.at(-1);
    if (last && magnitude(last.offsetNs - offsetNs) < Math.max(noiseNs, errorNs)) return;
    this.#offsets.push({ fromNs: atNs, offsetNs });
    if (this.#offsets.length > remembered) this.#offsets.shift();
  }

  /** The monotonic moment, in ns, at which the wall clock showed `wallNs`; the latest if several. */
  toMonotonic(wallNs: bigint): number {
    for (let index = this.#offsets.length - 1; index > 0; index--) {
      const { fromNs, offsetNs } = this.#at(index);
      const at = Number(wallNs - offsetNs);
      if (at >= fromNs) return at;
      // Between two samples nobody knows when the clock stepped: neither offset gives a moment.
      const before = Number(wallNs - this.#at(index - 1).offsetNs);
      if (before >= fromNs) return fromNs;
    }
    return Number(wallNs - this.#at(0).offsetNs);
  }

  /** What the wall clock showed at a monotonic moment, in ns since 1970. */
  toWall(monotonicNs: number): bigint {
    const offset = this.#offsets.findLast(({ fromNs }) => fromNs <= monotonicNs) ?? this.#at(0);
    return BigInt(Math.round(monotonicNs)) + offset.offsetNs;
  }

  #at(index: number): Offset {
    return this.#offsets[index] ?? { fromNs: 0, offsetNs: 0n };
  }
}

function magnitude(value: bigint): number {
  return Math.abs(Number(value));
}
