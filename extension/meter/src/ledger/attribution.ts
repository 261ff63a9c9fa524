import type { SensorDescription } from '../sensors/sensor.ts';
import type { CpuUse } from './activities.ts';
import { withDoubts } from './doubts.ts';
import type { Shares } from './policy.ts';
import {
  type FilterPrior,
  type LoadSlice,
  PowerFilter,
  PRIOR_DEVIATION,
  type ReadOut
} from './power-filter.ts';
import { chooseTheta, type PastSlice, THETAS } from './theta.ts';

/** A span's energy by who used it, in microjoules, and how sure that is. */
export interface Attributed {
  shares: Shares;
  /** Standard deviation by kernel, in microjoules. */
  deviations: Map<string, number>;
}

/** A span of time as attribution sees it. */
export interface Load {
  microjoules: number;
  seconds: number;
  use: CpuUse;
  /** Kernels whose cells cover the span. */
  holders: readonly string[];
}

/** Learns a sensor's idle power and splits what exceeds it. */
export interface Attribution {
  /** Takes the next slice between two activity samples; `started` names kernels that began a cell. */
  learn(load: Load, cores: number, started: ReadonlySet<string>): void;
  /** Who used a span's energy. */
  split(load: Load): Attributed;
}

/** The rule for a sensor's domain: CPU time for what computes, memory for DRAM, GPU time for GPUs. */
export function attributionFor({
  domain,
  device,
  idleWatts
}: Pick<SensorDescription, 'domain' | 'device' | 'idleWatts'>): Attribution {
  if (domain === 'dram') {
    return new FloorAttribution(load => load.use.resident, false, idleWatts);
  }
  if (domain === 'gpu') {
    return new FloorAttribution(load => gpuTime(load, device), true, idleWatts);
  }
  return new CpuAttribution(idleWatts);
}

const PAST = 60;
const CHOOSE_EVERY = 5;
const MOST_KERNELS = 16;
/** Less than the reference's .25, which lets a tenant's change pass for the cell's: `npm run bench -- fidelity`. */
const CELL_DEVIATION = 0.18;
/** A CPU second costs between .62 and 1.6 times as much as another: 3.3 deviations apart. */
const RATIO_LOW = 0.62;
const RATIO_HIGH = 1.6;

/** Watts per CPU second by a filter for each way in which clocks may fall. */
class CpuAttribution implements Attribution {
  #filters: PowerFilter[] = [];
  #theta: number = THETAS[1];
  #cores = 1;
  readonly #past: PastSlice[] = [];
  #seen = 0;
  readonly #idleWatts: number | undefined;

  /** Idle power is learnt where nobody says what it is. */
  constructor(idleWatts: number | undefined) {
    this.#idleWatts = idleWatts;
  }

  learn(load: Load, cores: number, started: ReadonlySet<string>): void {
    const { use } = load;
    if (!use.isKnown || use.isLate) return;
    const slice = sliceOf(load);
    this.#cores = cores;
    if (this.#filters.length === 0) {
      const prior = priorOf(slice, cores, this.#idleWatts);
      this.#filters = THETAS.map(theta => new PowerFilter(theta, cores, prior));
    }
    const busy = new Map([...slice.kernels].slice(0, MOST_KERNELS));
    for (const filter of this.#filters) filter.learn({ ...slice, kernels: busy }, started);
    let kernel = 0;
    for (const cpu of busy.values()) kernel += cpu;
    this.#past.push({ seconds: slice.seconds, joules: slice.joules, kernel, other: slice.other });
    if (this.#past.length > PAST) this.#past.shift();
    if (++this.#seen % CHOOSE_EVERY === 0) {
      this.#theta = chooseTheta(this.#past, this.#past.length, cores);
    }
  }

  split(load: Load): Attributed {
    const filter = this.#filters.find(({ theta }) => theta === this.#theta);
    if (filter === undefined || !load.use.isKnown) {
      return splitAbove(0, load, equally(load.holders), 0.3);
    }
    if (load.use.isLate) {
      const idle = filter.idleWatts * load.seconds * 1e6;
      return splitAbove(idle, load, load.use.kernels, (RATIO_HIGH - RATIO_LOW) / 3.3);
    }
    const slice = sliceOf(load);
    const { isPartlyLate } = load.use;
    const circumstances = { filter, cores: this.#cores, isPartlyLate };
    return inMicrojoules(withDoubts(filter.read(slice), slice, circumstances), load);
  }
}

/** Full load takes about this many times idle power more than idle. */
const LOAD_TO_IDLE = 3;
const IDLE_DEVIATION = 0.8;
/** Watts per CPU second may be this many times what the first slice allows at most. */
const WATTS_DEVIATION = 1.5;

/**
 * What may be believed of a machine after its first slice. Power that stays the same says nothing of
 * how much of it is idle power, so a busy machine's is left wide open, at the scale of its own watts.
 */
function priorOf(first: LoadSlice, cores: number, idleWatts: number | undefined): FilterPrior {
  const watts = first.joules / first.seconds;
  const busy = (first.other + sum(first.kernels)) / first.seconds;
  const perCpu = (WATTS_DEVIATION * watts) / Math.max(1, busy);
  const idle = watts / (1 + LOAD_TO_IDLE * Math.min(1, busy / cores));
  return {
    idleWatts: idleWatts ?? idle,
    idleDeviation: idleWatts === undefined ? IDLE_DEVIATION * idle : 0,
    wattsDeviation: Math.max(PRIOR_DEVIATION, perCpu),
    cellDeviation: CELL_DEVIATION
  };
}

const FALL = 0.3;
const RISE = 0.03;

/** Idle power as the floor of what is used without cells; the rest by weights that are told. */
class FloorAttribution implements Attribution {
  readonly #weights: (load: Load) => ReadonlyMap<string, number>;
  readonly #isWhole: boolean;
  readonly #isKnown: boolean;
  #watts: number;

  /**
   * Splits by `weights`.
   * @param isWhole The weights cover everybody; else they are shares of all, and others exist.
   * @param idleWatts The floor, where it is known. @default learnt
   */
  constructor(
    weights: (load: Load) => ReadonlyMap<string, number>,
    isWhole: boolean,
    idleWatts?: number
  ) {
    this.#weights = weights;
    this.#isWhole = isWhole;
    this.#isKnown = idleWatts !== undefined;
    this.#watts = idleWatts ?? NaN;
  }

  learn({ microjoules, seconds, holders }: Load): void {
    if (this.#isKnown || holders.length > 0) return;
    const watts = microjoules / 1e6 / seconds;
    if (Number.isNaN(this.#watts)) this.#watts = watts;
    this.#watts += (watts - this.#watts) * (watts < this.#watts ? FALL : RISE);
  }

  split(load: Load): Attributed {
    const known = Number.isNaN(this.#watts) ? 0 : this.#watts;
    const weights = this.#weights(load);
    const alone = weights.size === 0;
    const others = this.#isWhole || alone ? 0 : Math.max(0, 1 - sum(weights));
    const by = alone ? equally(load.holders) : weights;
    const doubt = alone && load.holders.length > 1 ? 0.5 : 0.1;
    const use = { ...load.use, other: others };
    return splitAbove(known * load.seconds * 1e6, { ...load, use }, by, doubt);
  }
}

function gpuTime({ use, holders }: Load, device: string): ReadonlyMap<string, number> {
  const times = use.gpu.get(device) ?? new Map<string, number>();
  return holders.length === 1 && sum(times) === 0 ? new Map() : times;
}

function sliceOf({ microjoules, seconds, use }: Load): LoadSlice {
  return { seconds, joules: microjoules / 1e6, kernels: use.kernels, other: use.other };
}

function inMicrojoules(read: ReadOut, load: Load): Attributed {
  const kernels = new Map<string, number>();
  const deviations = new Map<string, number>();
  let rest = load.microjoules;
  for (const [id, { joules, sd }] of read.kernels) {
    const microjoules = Math.min(rest, joules * 1e6);
    kernels.set(id, microjoules);
    deviations.set(id, sd * 1e6);
    rest -= microjoules;
  }
  const known = read.idle + read.other;
  const idle = known > 0 ? (rest * read.idle) / known : rest;
  return { shares: sharesOf(load, kernels, idle, rest - idle), deviations };
}

/** What exceeds `idle` goes to kernels and others by weight; the doubt is a share of each. */
function splitAbove(
  idle: number,
  load: Load,
  weights: ReadonlyMap<string, number>,
  doubt: number
): Attributed {
  const base = Math.min(idle, load.microjoules);
  const active = load.microjoules - base;
  const total = sum(weights) + (weights.size > 0 ? load.use.other : 1);
  const kernels = new Map<string, number>();
  const deviations = new Map<string, number>();
  for (const [id, weight] of weights) {
    const part = total > 0 ? (active * weight) / total : 0;
    kernels.set(id, part);
    deviations.set(id, Math.hypot(doubt * part, 0.05 * base));
  }
  return { shares: sharesOf(load, kernels, base, active - sum(kernels)), deviations };
}

function sharesOf(load: Load, kernels: Map<string, number>, idle: number, other: number): Shares {
  return { kernels, idle, other, cpu: load.use.kernels, cpuOther: load.use.other };
}

function equally(ids: readonly string[]): Map<string, number> {
  return new Map(ids.map(id => [id, 1 / ids.length]));
}

function sum(map: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const value of map.values()) total += value;
  return total;
}
