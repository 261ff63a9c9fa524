import type { Random } from './random.ts';

/** What goes wrong with counters. `none` is healthy; the rest is what machines were seen to do. */
export const FAULTS = [
  'none',
  'reset',
  'reset near the top',
  'marked restart anywhere',
  'freeze that loses',
  'freeze that catches up',
  'zero',
  'maximum',
  'interleaved, marked',
  'suspend, marked',
  'clock jump',
  'read error'
] as const;

/** One of the faults. */
export type Fault = (typeof FAULTS)[number];

/** A simulated counter's life: what was read when, and what was true. Seconds and joules. */
export interface Trace {
  modulus: number;
  unit: number;
  period: number;
  beat: number;
  maxWatts: number;
  minWatts: number;
  faults: Fault[];
  t: number[];
  /** When the readings really were made. */
  madeAt: number[];
  raw: number[];
  /** Another counter of the device: reset with it, far from its own top. */
  sibling: number[];
  /** Why the reading cannot follow from the one before: the meter was told, or the read failed. */
  marks: (string | undefined)[];
  failed: boolean[];
  /** The energy that an ideal counter would show. */
  ideal: number[];
}

/** Which traces are drawn. */
export interface TraceOptions {
  faults: readonly Fault[];
  /** Seconds between readings: the shortest and longest mean. */
  beats: readonly [number, number];
  /** Now and then readings stop for up to hours. */
  pauses: boolean;
  /** Start anywhere; else mostly near the register's top, or near zero. */
  uniformStart: boolean;
  /** Joules at which the register wraps. */
  ranges: readonly number[];
  /** Seconds between the counter's updates. */
  periods: readonly number[];
}

/** RAPL's two usual ranges, and one so small that a step may wrap more than once. */
export const RANGES = [65536, 262143.33, 1000] as const;

/** Readings in a trace. */
export const READINGS = 24;

/** Draws a trace after the prototype's fault model: up to two faults, in any order. */
export function drawTrace(random: Random, options: TraceOptions): Trace {
  const unit = random.pick([61.03515625e-6, 1e-3]);
  const modulus = Math.floor(random.pick(options.ranges) / unit) * unit;
  const period = random.pick(options.periods);
  const top = random.between(20, 600);
  const least = random.between(0.5, 20);
  const beat = random.logBetween(...options.beats);
  const { t, energy, lastWatts } = drawEnergy(random, options.pauses, beat, least, top);
  const start = drawStart(random, options.uniformStart, modulus, top * beat);
  let shown = 0;
  const ideal = energy.map((joules, i) => {
    const behind = random.unit() * period * lastWatts[i]!;
    shown = Math.max(shown, Math.floor((start + Math.max(0, joules - behind)) / unit) * unit);
    return shown;
  });
  const siblingStart = random.between(1e4, 5e4);
  const trace: Trace = {
    modulus,
    unit,
    period,
    beat,
    maxWatts: 1.25 * top,
    minWatts: 0.5 * least,
    faults: [],
    t,
    madeAt: [...t],
    raw: [...ideal],
    sibling: ideal.map(joules => siblingStart + joules - ideal[0]!),
    marks: t.map(() => undefined),
    failed: t.map(() => false),
    ideal
  };
  const glitches = new Map<number, number>();
  let earliest = 0;
  for (let turn = 0; turn < 2; turn++) {
    let fault = turn === 1 && random.chance(0.5) ? 'none' : random.pick(options.faults);
    // Two faults that undo each other are no counter's doing.
    if (turn === 1 && fault === 'reset near the top') fault = 'reset';
    if (earliest >= READINGS - 2) break;
    const at = Math.max(random.integer(0, READINGS - 1), earliest);
    earliest = at + 1;
    trace.faults.push(fault);
    apply(random, trace, fault, Math.min(at, READINGS - 2), top, glitches);
  }
  const registers = Math.round(modulus / unit);
  trace.raw = trace.raw.map((joules, i) => {
    const register = Math.floor(Math.max(0, joules) / unit) % registers;
    return glitches.get(i) ?? register * unit;
  });
  return trace;
}

function drawEnergy(
  random: Random,
  pauses: boolean,
  beat: number,
  least: number,
  top: number
): { t: number[]; energy: number[]; lastWatts: number[] } {
  const bend = random.pick([0.3, 1, 4]);
  const [t, energy, lastWatts] = [[0], [0], [least]];
  for (let i = 1; i < READINGS; i++) {
    const isPause = pauses && random.chance(0.09 / READINGS);
    const dt = isPause ? random.logBetween(1, 2e4) : beat * random.between(0.7, 1.3);
    const watts = least + (top - least) * random.unit() ** bend;
    t.push(t[i - 1]! + dt);
    energy.push(energy[i - 1]! + watts * dt);
    lastWatts.push(watts);
  }
  return { t, energy, lastWatts };
}

function drawStart(random: Random, isUniform: boolean, modulus: number, step: number): number {
  const kind = isUniform ? 0 : random.integer(0, 3);
  if (kind === 0) return random.unit() * modulus;
  const start =
    kind === 1 ? modulus - random.unit() * step * READINGS * 1.2 : random.unit() * step * 3;
  return Math.min(modulus, Math.max(0, start));
}

function apply(
  random: Random,
  trace: Trace,
  fault: Fault,
  at: number,
  top: number,
  glitches: Map<number, number>
): void {
  const { raw, sibling, marks, t, beat, modulus } = trace;
  const within = random.unit();
  const between = (values: number[], k: number) =>
    values[k]! + within * (values[k + 1]! - values[k]!);
  const here = between(raw, at);
  const shift = (values: number[], from: number, by: number) => {
    for (let i = from; i < values.length; i++) values[i]! += by;
  };
  const reset = (from: number) => {
    const before = between(sibling, at);
    shift(raw, at + 1, -from);
    shift(sibling, at + 1, -before);
  };
  switch (fault) {
    case 'reset':
      return reset(here);
    case 'reset near the top': {
      const place = modulus - random.unit() * top * beat * 0.5;
      const lift = (((place - here) % modulus) + modulus) % modulus;
      shift(raw, 0, lift);
      return reset(here + lift);
    }
    case 'marked restart anywhere': {
      const value = random.chance(0.3)
        ? here + random.between(-1, 2) * top * beat
        : random.unit() * modulus;
      marks[at + 1] = 'another boot';
      return shift(raw, at + 1, value - here);
    }
    case 'freeze that loses':
    case 'freeze that catches up':
      return freeze(random, trace, at, here, fault === 'freeze that loses');
    case 'zero':
    case 'maximum':
      glitches.set(at + 1, fault === 'zero' ? 0 : modulus);
      return;
    case 'interleaved, marked': {
      const other = random.chance(0.3)
        ? random.between(-3, 3) * top * beat
        : random.unit() * modulus;
      let was = false;
      for (let i = at + 1; i < READINGS; i++) {
        const is = random.chance(0.5);
        if (is) raw[i]! += other;
        if (is !== was) marks[i] = 'another host';
        was = is;
      }
      return;
    }
    case 'suspend, marked':
      marks[at + 1] = 'suspended';
      if (random.chance(0.5)) shift(raw, at + 1, -here);
      return;
    case 'clock jump':
      t[at + 1]! -= random.between(0.01, 3) * beat;
      return;
    case 'read error':
      for (let i = at + 1; i < Math.min(READINGS, at + 1 + random.integer(1, 4)); i++) {
        trace.failed[i] = true;
      }
      return;
    case 'none':
  }
}

/** A freeze lasts three readings and five updates at least: a shorter one cannot be told from rest. */
function freeze(random: Random, trace: Trace, at: number, here: number, loses: boolean): void {
  const { raw, t, period } = trace;
  const end = Math.min(at + random.integer(2, 8), READINGS - 2);
  if (end - at < 3 || t[end]! - t[at + 1]! <= 5 * period) return;
  const resumed = raw[end]! + random.unit() * (raw[end + 1]! - raw[end]!);
  for (let i = at + 1; i <= end; i++) raw[i] = here;
  if (!loses) return;
  for (let i = end + 1; i < READINGS; i++) raw[i]! -= resumed - here;
}
