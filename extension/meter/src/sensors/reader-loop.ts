import { monotonicNs } from '../clock.ts';
import { reasonOf } from '../errors.ts';
import { openSensor } from './open.ts';
import { type LivePace, type ReadingBatch, rowLength } from './reader-protocol.ts';
import { scheduleOf, type Schedule } from './schedule.ts';
import type { Sensor, SensorPlace } from './sensor.ts';
import { SUSPENDED, SuspendWatch } from './suspend.ts';

const reopenNs = 1_000_000_000;
/** How often the counter must tick until an edge is settled: the second tick gives the slope. */
const ticksPerEdge = 2;
/** After a tick the next is a period away; polling starts again this share of a period later. */
const quietShare = 0.85;
/**
 * Steady reads come this share of a period after a tick: one beside a tick may have seen it or not,
 * and then its moment is known a period worse.
 */
const awayFromTick = 0.45;
/** A tick seen between two reads this close together, as a share of the period, tells the phase. */
const sharpShare = 0.3;
const fastPeriodNs = 3_000_000;
const firstRows = 256;
/** A counter is trusted after some steps in a row: a sensor that opens is read fast for a while. */
const firstReads = 10;
/** Between two reads at least, once every cell has run for long. */
const steadyNs = 20_000_000;

interface Slot {
  index: number;
  place: SensorPlace;
  schedule: Schedule;
  sensor: Sensor | undefined;
  nextNs: number;
  /** Reads left of those in quick succession after opening. */
  first: number;
  /** Ticks still awaited at an edge, and until when. */
  ticks: number;
  untilNs: number;
  /** The last read that has not been recorded: it brackets the next tick from below. */
  pending: Row | undefined;
  last: number;
}

interface Row {
  beforeNs: number;
  afterNs: number;
  microjoules: number;
}

/**
 * Reads sensors when they are due and collects what they gave. It knows no threads: the worker in
 * reader-thread.ts calls it in a loop.
 */
export class ReaderLoop {
  readonly #slots: Slot[] = [];
  #rows = new Float64Array(firstRows * rowLength);
  #count = 0;
  #reasons: string[] = [];
  #pace: LivePace = 'cold';
  /** A moment for steady reads of counters that tick fast. */
  #phaseNs = 0;
  readonly #watch: SuspendWatch;

  constructor(watch = new SuspendWatch()) {
    this.#watch = watch;
  }

  /** Readings waiting to be taken. */
  get count(): number {
    return this.#count;
  }

  /** Whether some sensor is being polled for its tick without a pause. */
  get spinning(): boolean {
    return this.#slots.some(({ schedule, ticks }) => schedule.lock === 'spin' && ticks > 0);
  }

  /** Begins to read a sensor; a sensor that does not open yields gaps and is tried again. */
  add(index: number, place: SensorPlace): void {
    const schedule = scheduleOf(place.description);
    const slot = { index, place, schedule, sensor: undefined, pending: undefined };
    const timing = { nextNs: 0, first: firstReads, ticks: 0, untilNs: 0 };
    this.#slots.push({ ...slot, ...timing, last: NaN });
  }

  /** Closes a sensor. */
  remove(index: number): void {
    const at = this.#slots.findIndex(slot => slot.index === index);
    if (at < 0) return;
    this.#slots[at]?.sensor?.close();
    this.#slots.splice(at, 1);
  }

  /** Reads as fast as the pace asks from now on. */
  setPace(pace: LivePace): void {
    if (pace === this.#pace) return;
    this.#pace = pace;
    const now = monotonicNs();
    for (const slot of this.#slots) slot.nextNs = Math.min(slot.nextNs, now);
  }

  /** A window edge: reads every sensor at once, then polls until each has ticked twice. */
  edge(): void {
    this.#noticeSleep();
    for (const slot of this.#slots) {
      this.#record(slot, this.#read(slot));
      if (slot.schedule.lock === 'none' || !slot.sensor) continue;
      slot.ticks = ticksPerEdge;
      const now = monotonicNs();
      slot.untilNs = now + slot.schedule.patienceNs;
      slot.nextNs = now + slot.schedule.stepNs;
    }
  }

  /** Reads what is due at `nowNs`; returns when to call again. */
  step(nowNs: number): number {
    this.#noticeSleep();
    let nextNs = Infinity;
    for (const slot of this.#slots) {
      if (slot.nextNs <= nowNs) this.#readDue(slot);
      nextNs = Math.min(nextNs, slot.nextNs);
    }
    return nextNs;
  }

  /** Hands over what was read and starts a new batch. */
  take(): ReadingBatch {
    const batch = { rows: this.#rows.slice(0, this.#count * rowLength), reasons: this.#reasons };
    this.#count = 0;
    this.#reasons = [];
    return batch;
  }

  /** Closes every sensor. */
  close(): void {
    for (const { index } of [...this.#slots]) this.remove(index);
  }

  #noticeSleep(): void {
    if (!this.#watch.hasSlept()) return;
    const now = monotonicNs();
    for (const slot of this.#slots) {
      if (slot.place.description.kind === 'measured') this.#fail(slot, now, SUSPENDED);
    }
  }

  #readDue(slot: Slot): void {
    const row = this.#read(slot);
    const { schedule } = slot;
    // Slow counters are followed from tick to tick, as if every update were an edge.
    const follows = schedule.lock === 'timed' && this.#pace !== 'cold';
    if (row && (slot.ticks > 0 || follows)) {
      this.#poll(slot, row);
      if (slot.ticks > 0 || follows) return;
    } else {
      this.#record(slot, row);
    }
    if (slot.first > 0) slot.first -= 1;
    const pauseNs = this.#pauseOf(slot);
    const phaseNs = schedule.lock === 'spin' ? this.#phaseNs : 0;
    slot.nextNs = nextOnGrid(monotonicNs(), pauseNs, phaseNs);
  }

  #pauseOf({ sensor, first, schedule }: Slot): number {
    if (!sensor) return reopenNs;
    if (first > 0) return schedule.hotNs;
    if (this.#pace === 'cold') return schedule.coldNs;
    return this.#pace === 'hot' ? schedule.hotNs : Math.max(steadyNs, schedule.hotNs);
  }

  /** One poll for a tick: only the reads around it are kept, they bracket its instant. */
  #poll(slot: Slot, row: Row): void {
    const { schedule } = slot;
    const { periodNs } = slot.place.description;
    if (row.microjoules === slot.last) {
      slot.pending = row;
      slot.nextNs = row.afterNs + schedule.stepNs;
      if (row.afterNs > slot.untilNs) this.#giveUp(slot, row);
      return;
    }
    if (slot.pending) {
      this.#noteTick(slot.pending.beforeNs, row.afterNs, periodNs);
      this.#record(slot, slot.pending);
    }
    this.#record(slot, row);
    slot.ticks = Math.max(0, slot.ticks - 1);
    slot.untilNs = row.afterNs + schedule.patienceNs;
    slot.nextNs = row.afterNs + quietShare * periodNs;
  }

  #giveUp(slot: Slot, row: Row): void {
    slot.ticks = 0;
    this.#record(slot, row);
    slot.untilNs = row.afterNs + slot.schedule.patienceNs;
    slot.nextNs = row.afterNs + slot.schedule.hotNs;
  }

  #noteTick(fromNs: number, toNs: number, periodNs: number): void {
    if (periodNs > fastPeriodNs || toNs - fromNs > sharpShare * periodNs) return;
    this.#phaseNs = (fromNs + toNs) / 2 + awayFromTick * periodNs;
  }

  #read(slot: Slot): Row | undefined {
    const beforeNs = monotonicNs();
    try {
      slot.sensor ??= openSensor(slot.place);
      const microjoules = slot.sensor.read();
      return { beforeNs, afterNs: monotonicNs(), microjoules };
    } catch (error) {
      this.#fail(slot, beforeNs, reasonOf(error));
      return undefined;
    }
  }

  #fail(slot: Slot, beforeNs: number, reason: string): void {
    this.#reasons.push(reason);
    this.#append(slot.index, { beforeNs, afterNs: monotonicNs(), microjoules: NaN });
    slot.ticks = 0;
    slot.first = firstReads;
    slot.pending = undefined;
    slot.last = NaN;
  }

  #record(slot: Slot, row: Row | undefined): void {
    if (!row) return;
    slot.pending = undefined;
    slot.last = row.microjoules;
    this.#append(slot.index, row);
  }

  #append(index: number, { beforeNs, afterNs, microjoules }: Row): void {
    const at = this.#count * rowLength;
    if (at === this.#rows.length) {
      const grown = new Float64Array(2 * this.#rows.length);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[at] = index;
    this.#rows[at + 1] = beforeNs;
    this.#rows[at + 2] = afterNs;
    this.#rows[at + 3] = microjoules;
    this.#count += 1;
  }
}

/** Sensors of one pace are read together, at multiples of it after `phaseNs`: one wake-up serves all. */
function nextOnGrid(nowNs: number, pauseNs: number, phaseNs: number): number {
  return phaseNs + Math.ceil((nowNs - phaseNs + pauseNs / 5) / pauseNs) * pauseNs;
}
