import type { Activity, ActivityGroup } from './types.ts';

const KEPT = 512;

/** CPU use of a span: seconds by kernel, and of everything else. */
export interface CpuUse {
  kernels: Map<string, number>;
  other: number;
  /** Share of the machine's used memory by kernel. */
  resident: Map<string, number>;
  /** GPU seconds by device and kernel, where the driver tells them. */
  gpu: Map<string, Map<string, number>>;
  /** False: no sample reaches into the span, so nothing is known. */
  isKnown: boolean;
  /** Kernels used more than the machine did: children were counted late. */
  isLate: boolean;
  /** They were in a part of the span. */
  isPartlyLate: boolean;
}

/** When a kernel ran a cell. */
export interface Running {
  kernelId: string;
  startNs: number;
  endNs: number;
}

/** A count may exceed the machine's by its grain. */
const LATE = 1.02;
const GRAIN_NS = 1e6;

/** The newest activity samples, and who used the machine between two moments. */
export class Activities {
  #samples: Activity[] = [];
  /** CPU seconds per second that a kernel uses while it runs no cell. */
  readonly #background = new Map<string, number>();

  /** CPU samples so far, oldest first. */
  get samples(): readonly Activity[] {
    return this.#samples;
  }

  /** Adds a sample; one that is not newer than the last is ignored. */
  push(activity: Activity, running: readonly Running[]): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && activity.atNs <= last.atNs) return;
    this.#samples.push(activity);
    if (this.#samples.length > 2 * KEPT) this.#samples = this.#samples.slice(-KEPT);
    if (last !== undefined) this.#learnBackground(last, activity, running);
  }

  /**
   * Who used the machine in [fromNs, toNs). Between two samples a kernel's CPU time lies in its
   * cells, but for what it uses without one.
   */
  between(fromNs: number, toNs: number, running: readonly Running[]): CpuUse {
    const use: CpuUse = {
      kernels: new Map(),
      other: 0,
      resident: new Map(),
      gpu: new Map(),
      isKnown: false,
      isLate: false,
      isPartlyLate: false
    };
    let machine = 0;
    const cellsOf = byKernel(running);
    for (let i = this.#firstAfter(fromNs); i < this.#samples.length; i++) {
      const a = this.#samples[i - 1]!;
      const b = this.#samples[i]!;
      if (a.atNs >= toNs) break;
      const from = Math.max(a.atNs, fromNs);
      const to = Math.min(b.atNs, toNs);
      const others = othersNs(a, b);
      let inside = 0;
      for (const [at, group] of b.groups.entries()) {
        const before = groupBefore(a, group.kernelId, at);
        const spent = spentSince(before, group);
        const own = cellsOf.get(group.kernelId) ?? [];
        const share = this.#share(a.atNs, b.atNs, from, to, spent, own, group.kernelId, b.cpus);
        add(use.kernels, group.kernelId, (spent * share) / 1e9);
        inside += spent * share;
        use.resident.set(group.kernelId, group.residentBytes / Math.max(1, b.residentTotalBytes));
        for (const [device, gpuNs] of Object.entries(group.gpuNs ?? {})) {
          const gpu = use.gpu.get(device) ?? new Map<string, number>();
          add(
            gpu,
            group.kernelId,
            (Math.max(0, gpuNs - (before?.gpuNs?.[device] ?? gpuNs)) * share) / 1e9
          );
          use.gpu.set(device, gpu);
        }
      }
      use.isPartlyLate ||= others < -GRAIN_NS - (LATE - 1) * (b.machineBusyNs - a.machineBusyNs);
      machine += inside + (others * (to - from)) / (b.atNs - a.atNs);
      use.isKnown = true;
    }
    let kernels = 0;
    for (const seconds of use.kernels.values()) kernels += seconds;
    use.isLate = kernels * 1e9 > LATE * machine + GRAIN_NS;
    use.other = Math.max(0, machine / 1e9 - kernels);
    return use;
  }

  /** Which share of what a kernel spent between two samples falls into [from, to). */
  #share(
    aNs: number,
    bNs: number,
    from: number,
    to: number,
    spent: number,
    own: readonly Running[],
    kernelId: string,
    cpus: number
  ): number {
    const whole = bNs - aNs;
    const cells = overlap(own, aNs, bNs);
    if (cells <= 0 || cells >= whole || spent <= 0) return (to - from) / whole;
    const rate = this.#background.get(kernelId) ?? 0;
    const outside = Math.max(spent - cells * cpus, Math.min(spent, rate * (whole - cells)));
    const inCells = overlap(own, from, to);
    const parts =
      ((spent - outside) * inCells) / cells + (outside * (to - from - inCells)) / (whole - cells);
    return parts / spent;
  }

  #learnBackground(a: Activity, b: Activity, running: readonly Running[]): void {
    const seconds = b.atNs - a.atNs;
    const cellsOf = byKernel(running);
    for (const [at, group] of b.groups.entries()) {
      const { kernelId } = group;
      if (overlap(cellsOf.get(kernelId) ?? [], a.atNs, b.atNs) > 0) continue;
      const rate = spentSince(groupBefore(a, kernelId, at), group) / seconds;
      const known = this.#background.get(kernelId);
      this.#background.set(kernelId, known === undefined ? rate : known + (rate - known) * 0.2);
    }
  }

  /** Index of the second sample of the first pair that reaches past `ns`; at least 1. */
  #firstAfter(ns: number): number {
    let low = 0;
    let high = this.#samples.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#samples[middle]!.atNs <= ns) low = middle + 1;
      else high = middle;
    }
    return Math.max(1, low);
  }
}

function byKernel(running: readonly Running[]): Map<string, Running[]> {
  const found = new Map<string, Running[]>();
  for (const one of running) {
    const own = found.get(one.kernelId);
    if (own) own.push(one);
    else found.set(one.kernelId, [one]);
  }
  return found;
}

/** A kernel's group in an earlier sample; `at` is its place in the later one, nearly always the same. */
function groupBefore(a: Activity, kernelId: string, at: number): ActivityGroup | undefined {
  const there = a.groups[at];
  if (there?.kernelId === kernelId) return there;
  return a.groups.find(group => group.kernelId === kernelId);
}

function spentSince(before: ActivityGroup | undefined, after: ActivityGroup): number {
  return Math.max(0, after.cpuNs - (before?.cpuNs ?? after.cpuNs));
}

function kernelsNs(a: Activity, b: Activity): number {
  let sum = 0;
  for (const [at, group] of b.groups.entries()) {
    sum += spentSince(groupBefore(a, group.kernelId, at), group);
  }
  return sum;
}

/** Below 0 where children were counted late: what a kernel is credited with then was others' before. */
function othersNs(a: Activity, b: Activity): number {
  return b.machineBusyNs - a.machineBusyNs - kernelsNs(a, b);
}

function overlap(windows: readonly Running[], fromNs: number, toNs: number): number {
  let sum = 0;
  for (const { startNs, endNs } of windows) {
    sum += Math.max(0, Math.min(endNs, toNs) - Math.max(startNs, fromNs));
  }
  return Math.min(sum, toNs - fromNs);
}

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}
