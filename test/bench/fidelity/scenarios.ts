import type { Random } from './random.ts';

/** How power behaves around a cell; each draws its own parameters anew for every window. */
export const SCENARIOS = [
  'const',
  'ramp',
  'burst',
  'ar1',
  'turbo',
  'dvfs',
  'idlenoise',
  'edgeburst',
  'backtoback',
  'drift',
  'antitenant'
] as const;

/** One of the scenarios. */
export type Scenario = (typeof SCENARIOS)[number];

/** Power over time around a window [0, width) in seconds; its energy can be asked at any moment. */
export interface PowerPath {
  /** Joules since the path began. */
  energyAt(seconds: number): number;
}

/** Seconds of quiet before the window, and after it. */
export const BEFORE = 2.2;
export const AFTER = 1.8;

const FINE = 1e-4;
const COARSE = 2e-3;
const NEAR_EDGE = 0.03;

/** Draws a power path. GPUs idle at 15 to 60 W and keep high clocks for a while after a cell. */
export function drawPath(
  random: Random,
  scenario: Scenario,
  width: number,
  isGpu: boolean
): PowerPath {
  const idle = isGpu ? random.between(15, 60) : random.between(5, 15);
  const cell = isGpu ? random.between(50, 350) : random.between(8, 50);
  const outside = outsidePower(random, scenario, width, idle, cell, isGpu);
  const inside = insidePower(random, scenario, width);
  const times = grid(width);
  const power = new Float64Array(times.length);
  const energy = new Float64Array(times.length);
  for (let i = 0; i < times.length; i++) {
    const t = times[i]!;
    const step = i > 0 ? t - times[i - 1]! : COARSE;
    const isIn = t >= -1e-12 && t < width - 1e-9;
    const above = inside(t, step);
    power[i] = Math.max(0.3, outside(t, step, isIn) + (isIn ? cell * above : 0));
    if (i > 0) energy[i] = energy[i - 1]! + power[i - 1]! * step;
  }
  let last = 0;
  return {
    energyAt(seconds) {
      while (last > 0 && times[last]! > seconds) last--;
      while (last + 1 < times.length && times[last + 1]! <= seconds) last++;
      return energy[last]! + power[last]! * (seconds - times[last]!);
    }
  };
}

type Power = (t: number, step: number, isIn: boolean) => number;

/** Above idle inside the window, as a multiple of the cell's mean power. */
function insidePower(
  random: Random,
  scenario: Scenario,
  width: number
): (t: number, step: number) => number {
  const ripple = wander(random, 5e-3);
  const share = (t: number) => Math.min(1, Math.max(0, t / width));
  const rippled = (base: (t: number, step: number) => number) => (t: number, step: number) =>
    base(t, step) * (1 + 0.02 * ripple(step));
  switch (scenario) {
    case 'ramp': {
      const rises = random.chance(0.5);
      return rippled(t => 0.4 + 1.2 * (rises ? share(t) : 1 - share(t)));
    }
    case 'burst': {
      const isOn = telegraph(random, random.logBetween(2e-3, 60e-3), 0.5);
      return rippled((_, step) => (isOn(step) ? 1.5 : 0.3));
    }
    case 'ar1': {
      const noise = wander(random, random.logBetween(2e-3, 0.2));
      return (_, step) => Math.max(0.05, 1 + 0.3 * noise(step));
    }
    case 'turbo': {
      const decay = random.logBetween(0.02, 5);
      return rippled(t => 0.7 + 0.6 * Math.exp(-Math.max(0, t) / decay));
    }
    case 'dvfs': {
      const slow = random.between(1e-3, 2e-2);
      return rippled(t => (t < slow ? 0.35 : 1));
    }
    case 'edgeburst': {
      const [head, tail] = [random.between(5e-4, 3e-3), random.between(5e-4, 3e-3)];
      return rippled(t => 1 + (t < head ? 1 : 0) + (t >= width - tail ? 1 : 0));
    }
    default:
      return rippled(() => 1);
  }
}

function outsidePower(
  random: Random,
  scenario: Scenario,
  width: number,
  idle: number,
  cell: number,
  isGpu: boolean
): Power {
  const noise = wander(random, 0.05);
  const quiet: Power = (_, step) => idle * (1 + 0.04 * noise(step));
  const tail = isGpu ? clockTail(random, width) : () => 0;
  const more = disturbance(random, scenario, width, cell, isGpu);
  return (t, step, isIn) => {
    const base = quiet(t, step, isIn);
    return more(t, step, isIn, base) + tail(t);
  };
}

/** What else the scenario does to power, given the quiet power. */
function disturbance(
  random: Random,
  scenario: Scenario,
  width: number,
  cell: number,
  isGpu: boolean
): (t: number, step: number, isIn: boolean, base: number) => number {
  switch (scenario) {
    case 'idlenoise': {
      const isOn = telegraph(random, 4e-3, 0.05);
      const watts = isGpu ? random.between(10, 60) : random.between(3, 15);
      return (_t, step, _isIn, base) => base + (isOn(step) ? watts : 0);
    }
    case 'edgeburst': {
      const [head, tail] = [random.between(5e-4, 3e-3), random.between(5e-4, 3e-3)];
      const [isHead, isTail] = [random.chance(0.6), random.chance(0.6)];
      return (t, _step, _isIn, base) => {
        const near = (isHead && t >= -head && t < 0) || (isTail && t >= width && t < width + tail);
        return base + (near ? 0.8 * cell : 0);
      };
    }
    case 'backtoback': {
      const [before, after] = [random.between(0.2, 1.5), random.between(0.2, 1.5)];
      const noise = wander(random, 2e-2);
      return (t, step, _isIn, base) =>
        base + (t < 0 ? before : after) * cell * (1 + 0.05 * noise(step));
    }
    case 'drift': {
      const centre = random.between(-1, width + 1);
      const size = random.between(-0.4, 0.8);
      return (t, _step, _isIn, base) => base * (1 + size / (1 + Math.exp(-(t - centre) / 0.3)));
    }
    case 'antitenant': {
      const watts = random.between(0.3, 0.9) * cell;
      const noise = wander(random, 0.05);
      return (_t, step, isIn, base) => base + (isIn ? 0 : watts) * (1 + 0.1 * noise(step));
    }
    default:
      return (_t, _step, _isIn, base) => base;
  }
}

function clockTail(random: Random, width: number): (t: number) => number {
  const watts = random.between(0, 35);
  const decay = random.logBetween(0.2, 4);
  return t => (t >= width ? watts * Math.exp(-(t - width) / decay) : 0);
}

/** A unit-variance Ornstein-Uhlenbeck process with this correlation time. */
function wander(random: Random, time: number): (step: number) => number {
  let x = random.normal();
  let lastStep = NaN;
  let keep = 0;
  let kick = 0;
  return step => {
    if (step !== lastStep) {
      lastStep = step;
      keep = Math.exp(-step / time);
      kick = Math.sqrt(1 - keep * keep);
    }
    x = keep * x + kick * random.normal();
    return x;
  };
}

/** On or off, with this mean dwell time and this share of time on. */
function telegraph(random: Random, dwell: number, on: number): (step: number) => boolean {
  let state = random.chance(on);
  return step => {
    if (random.chance(1 - Math.exp(-step / dwell))) state = random.chance(on);
    return state;
  };
}

/** Steps of 2 ms, and of .1 ms near the edges; the edges themselves are on the grid. */
function grid(width: number): Float64Array {
  const times: number[] = [];
  const near = Math.min(NEAR_EDGE, width / 2);
  const sections = [
    [-BEFORE, -NEAR_EDGE, COARSE],
    [-NEAR_EDGE, 0, FINE],
    [0, near, FINE],
    [near, width - near, COARSE],
    [width - near, width, FINE],
    [width, width + NEAR_EDGE, FINE],
    [width + NEAR_EDGE, width + AFTER, COARSE]
  ] as const;
  for (const [from, to, step] of sections) {
    const count = Math.round((to - from) / step);
    for (let i = 0; i < count; i++) times.push(from + ((to - from) * i) / count);
  }
  return Float64Array.from(times);
}
