import { crowding } from './crowding.ts';

/** One slice of time as the filter sees it: joules, seconds, CPU seconds by kernel and of the rest. */
export interface LoadSlice {
  seconds: number;
  joules: number;
  kernels: ReadonlyMap<string, number>;
  other: number;
}

/** A window's energy by who used it, in joules; deviations are standard deviations. */
export interface ReadOut {
  idle: number;
  other: number;
  kernels: Map<string, { joules: number; sd: number }>;
}

/** What the filter believes before it has seen anything. */
export interface FilterPrior {
  idleWatts: number;
  /** 0: idle power is known, and stays as it is. */
  idleDeviation: number;
  /** How far a CPU second's watts may be from the usual ones. @default 3 */
  wattsDeviation?: number;
  /** How much a new cell's watts per CPU second may differ from the last one's, as a share. @default 0.25 */
  cellDeviation?: number;
}

/** Mean and covariance. */
interface State {
  x: number[];
  p: number[][];
}

const RELATIVE_ERROR = 0.03;
const EDGE_SECONDS = 0.0007;
const RATIO_DEVIATION = 0.39;
const LEAST = 0.05;
/** A surprise counts for about as long, in seconds. */
const SHOCK_SECONDS = 0.5;
const PRIOR_WATTS = 4;
/** How far all watts may be from `PRIOR_WATTS`, where nothing says that they are farther. */
export const PRIOR_DEVIATION = 3;
/** How far a kernel's watts may be from the others', of how far all may be from the usual. */
const OWN_SHARE = 0.4;

/** Variance of a slice's energy: the model's error, and that of the slice's own edges. */
export function sliceVariance(joules: number, seconds: number): number {
  return (
    (RELATIVE_ERROR * joules) ** 2 * Math.min(1, 0.1 / seconds) +
    ((EDGE_SECONDS * joules) / seconds) ** 2 +
    1e-8
  );
}

/**
 * A Kalman filter that learns a machine's idle power and the watts per CPU second of each kernel and
 * of everything else. Its noise follows the innovations, so it neither freezes nor jumps.
 */
export class PowerFilter {
  readonly theta: number;
  readonly #cores: number;
  readonly #cellDeviation: number;
  /** Variances of the watts of a CPU second: of what all have in common, and of each one's own. */
  readonly #prior: { common: number; own: number };
  readonly #isIdleKnown: boolean;
  /** Index 0 is idle power, 1 all other processes, then kernels. */
  readonly #index = new Map<string, number>();
  #x: number[];
  #p: number[][];
  readonly #wasOn = new Set<string>();
  #innovation = 1;
  #shock = 1;
  #noise = 1;
  /** What windows are read from, made once and kept until something is learnt. */
  #ready: State | undefined;

  constructor(
    theta: number,
    cores: number,
    prior: FilterPrior = { idleWatts: 8, idleDeviation: 4 }
  ) {
    this.theta = theta;
    this.#cores = cores;
    this.#cellDeviation = prior.cellDeviation ?? 0.25;
    const deviation = prior.wattsDeviation ?? PRIOR_DEVIATION;
    const common = deviation ** 2;
    const own = (OWN_SHARE * deviation) ** 2;
    this.#prior = { common, own };
    this.#isIdleKnown = prior.idleDeviation === 0;
    this.#x = [prior.idleWatts, PRIOR_WATTS];
    this.#p = [
      [prior.idleDeviation ** 2, 0],
      [0, common + own]
    ];
  }

  /** Idle power in watts. */
  get idleWatts(): number {
    return this.#x[0]!;
  }

  /** Idle power's standard deviation, in watts. */
  get idleDeviation(): number {
    return Math.sqrt(this.#p[0]![0]!);
  }

  /** Normalised squared innovation, 1 when the filter predicts as well as it thinks. */
  get surprise(): number {
    return this.#innovation;
  }

  /** The largest normalised squared innovation of late: somebody has just changed what he does. */
  get shock(): number {
    return this.#shock;
  }

  /**
   * Learns from a slice.
   * @param started Kernels that began a cell in it: their watts per CPU second may differ now.
   */
  learn(slice: LoadSlice, started: ReadonlySet<string> = new Set()): void {
    const { seconds, joules } = slice;
    this.#ready = undefined;
    const h = this.#loads(slice);
    const news = [...slice.kernels]
      .filter(([id, cpu]) => started.has(id) || (cpu > 0.05 * seconds && !this.#wasOn.has(id)))
      .map(([id]) => id);
    this.#wasOn.clear();
    for (const [id, cpu] of slice.kernels) if (cpu > 0.05 * seconds) this.#wasOn.add(id);
    this.#drift(seconds, news);
    const noise = sliceVariance(joules, seconds) * this.#noise;
    const ph = this.#p.map(row => dot(row, h));
    const error = joules - dot(h, this.#x);
    const variance = dot(h, ph) + noise;
    const squared = (error * error) / variance;
    this.#shock = Math.max(Math.min(squared, 25), this.#shock * Math.exp(-seconds / SHOCK_SECONDS));
    this.#innovation = 0.93 * this.#innovation + 0.07 * Math.min(squared, 25);
    this.#noise = clamp(this.#noise * Math.exp(0.06 * (Math.min(squared, 9) - 0.9)), 0.03, 30);
    this.#x = this.#x.map((x, i) => Math.max(LEAST, x + (ph[i]! / variance) * error));
    this.#p = this.#p.map((row, i) => row.map((p, j) => p - (ph[i]! / variance) * ph[j]!));
  }

  /**
   * Splits a window's energy with what is known now. That a CPU second costs about the same
   * everywhere is believed here only, so that it never hides what the slices say.
   */
  read(load: LoadSlice & { crowded?: LoadSlice }): ReadOut {
    const h = load.crowded ? this.#vector(load.crowded) : this.#loads(load);
    const { x, p } = (this.#ready ??= this.#readable());
    const ph = p.map(row => dot(row, h));
    const noise = (RELATIVE_ERROR * load.joules) ** 2 * Math.min(1, 0.1 / load.seconds);
    const variance = dot(h, ph) + noise;
    const rest = load.joules - dot(h, x);
    const kernels: ReadOut['kernels'] = new Map();
    const part = (i: number) => {
      const gain = variance > 0 ? (ph[i]! * h[i]!) / variance : 0;
      return { gain, joules: clamp(h[i]! * x[i]! + gain * rest, 0, load.joules) };
    };
    for (const id of load.kernels.keys()) {
      const i = this.#index.get(id)!;
      const { gain, joules } = part(i);
      const own = Math.max(h[i]! ** 2 * p[i]![i]! - gain * ph[i]! * h[i]!, 1e-12);
      const sd = Math.hypot(Math.sqrt(own * Math.max(1, this.#innovation)), 0.02 * joules);
      kernels.set(id, { joules, sd });
    }
    return { idle: part(0).joules, other: part(1).joules, kernels };
  }

  /** CPU seconds as they count towards energy: crowded ones count less. */
  crowd(slice: LoadSlice): LoadSlice {
    let busy = slice.other;
    for (const cpu of slice.kernels.values()) busy += cpu;
    const factor = crowding(busy / slice.seconds, this.theta, this.#cores);
    const kernels = new Map([...slice.kernels].map(([id, cpu]) => [id, cpu * factor]));
    return { ...slice, kernels, other: slice.other * factor };
  }

  /** Forgets a kernel that has gone. */
  forget(kernelId: string): void {
    const i = this.#index.get(kernelId);
    if (i === undefined) return;
    this.#ready = undefined;
    this.#index.delete(kernelId);
    for (const [id, k] of this.#index) if (k > i) this.#index.set(id, k - 1);
    this.#x.splice(i, 1);
    this.#p.splice(i, 1);
    for (const row of this.#p) row.splice(i, 1);
  }

  #loads(slice: LoadSlice): number[] {
    return this.#vector(this.crowd(slice));
  }

  #vector({ seconds, kernels, other }: LoadSlice): number[] {
    for (const id of kernels.keys()) if (!this.#index.has(id)) this.#meet(id);
    const h = new Array<number>(this.#x.length).fill(0);
    h[0] = seconds;
    h[1] = other;
    for (const [id, cpu] of kernels) h[this.#index.get(id)!] = cpu;
    return h;
  }

  /** A kernel never seen before costs about what others cost, as far as both are alike. */
  #meet(id: string): void {
    const n = this.#x.length;
    this.#ready = undefined;
    this.#index.set(id, n);
    this.#x.push(this.#x[1]!);
    const { common, own } = this.#prior;
    const likeness = (common - own) / (common + own);
    const row = this.#p[1]!.map(p => likeness * p);
    const variance = likeness * row[1]! + (1 - likeness ** 2) * (common + own);
    this.#p.forEach((other, j) => other.push(row[j]!));
    this.#p.push([...row, variance]);
  }

  #drift(seconds: number, news: string[]): void {
    const idle = this.#isIdleKnown ? 0 : 0.03;
    const shares = this.#x.map((_, i) => (i === 0 ? idle : i === 1 ? 0.08 : 0.04) ** 2 * seconds);
    for (const id of news) {
      shares[this.#index.get(id)!]! += this.#cellDeviation ** 2;
      shares[1]! += 0.08 ** 2;
    }
    this.#x.forEach((x, i) => (this.#p[i]![i]! += shares[i]! * x * x));
  }

  /** What windows are split by: the ratio prior believed, and some doubt of the model itself. */
  #readable(): State {
    const { x, p } = this.#withRatioPrior();
    const idle = this.#isIdleKnown ? 0 : 0.02;
    for (let i = 0; i < x.length; i++) p[i]![i]! += ((i === 0 ? idle : 0.03) * x[i]!) ** 2;
    return { x, p };
  }

  #withRatioPrior(): State {
    let x = [...this.#x];
    let p = this.#p.map(row => [...row]);
    for (const k of this.#index.values()) {
      const pv = p.map(row => row[k]! - row[1]!);
      const mean = 0.5 * (x[k]! + x[1]!);
      const variance = pv[k]! - pv[1]! + (RATIO_DEVIATION * mean) ** 2;
      const difference = x[k]! - x[1]!;
      x = x.map((value, i) => Math.max(LEAST, value - (pv[i]! / variance) * difference));
      p = p.map((row, i) => row.map((value, j) => value - (pv[i]! * pv[j]!) / variance));
    }
    return { x, p };
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
