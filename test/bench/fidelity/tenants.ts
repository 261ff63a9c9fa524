import type { Activity } from '../../../extension/meter/src/ledger/ledger.ts';
import { PackageCounter } from './package-counter.ts';
import { Random } from './random.ts';

/** How two busy tenants may behave; the kernel is one of them. */
export const TENANCIES = [
  'linear',
  'new program',
  'shared cores',
  'falling clocks',
  'shared cores and falling clocks',
  'tenant yields',
  'tenant wakes',
  'tenant drifts',
  'tenant changes',
  'idle drifts',
  'children counted late'
] as const;

/** One of the ways. */
export type Tenancy = (typeof TENANCIES)[number];

/** One cell beside a busy tenant, in joules above idle. */
export interface TenantTrial {
  truth: number;
  ours: number;
  low: number;
  high: number;
  /** The share of CPU time in all that exceeds the least power seen. */
  cpuShare: number;
}

const CORES = 8;
const THREADS = 16;
const HISTORY = 60;
const SAMPLE = 0.2;
const RUN = 8;

interface Slice {
  seconds: number;
  kernel: number;
  other: number;
  kernelWatts: number;
  watts: number;
  isCell: boolean;
}

/** A session: twelve seconds with earlier cells, then the cell in question. */
export function meterTenants(
  tenancy: Tenancy,
  width: number,
  count: number,
  seed: number
): TenantTrial[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const slices = drawSession(random, tenancy, width);
    return meterSession(random, slices, tenancy === 'children counted late');
  });
}

function meterSession(random: Random, slices: Slice[], areLate: boolean): TenantTrial {
  const activities = activitiesOf(slices, areLate);
  const startNs = activities[HISTORY]!.atNs;
  const endNs = activities.at(-1)!.atNs;
  const counter = new PackageCounter(activities[0]!.atNs, 50_000 + random.between(0, 1e4));
  const { ledger } = counter;
  ledger.activity(activities[0]!);
  let open: string | undefined;
  slices.forEach((slice, i) => {
    const id = i >= HISTORY ? 'cell' : `earlier ${Math.floor(i / RUN)}`;
    if (open !== undefined && (open !== id || !slice.isCell)) {
      ledger.close(open, counter.atNs);
      open = undefined;
    }
    if (slice.isCell && open === undefined) {
      ledger.open({ id, kernelId: 'k', startNs: counter.atNs });
      open = id;
    }
    counter.draw(slice.watts, slice.seconds);
    ledger.activity(activities[i + 1]!);
    if (i < HISTORY) ledger.settle(counter.atNs);
  });
  ledger.close('cell', endNs);
  counter.draw(slices.at(-1)!.watts, SAMPLE);
  const energy = ledger.settle(endNs + 3e9).find(({ id }) => id === 'cell')!.domains[0]!;
  const cell = slices.filter((_, i) => activities[i]!.atNs >= startNs);
  return {
    truth: sum(cell, slice => slice.kernelWatts * slice.seconds),
    ours: energy.microjoules / 1e6,
    low: energy.lowMicrojoules / 1e6,
    high: energy.highMicrojoules / 1e6,
    cpuShare: byCpuShare(slices, cell)
  };
}

function drawSession(random: Random, tenancy: Tenancy, width: number): Slice[] {
  const inside = Math.max(1, Math.round(width / SAMPLE));
  const watts = drawWatts(random, tenancy);
  const isCrowded = tenancy.startsWith('shared cores');
  const level = isCrowded ? random.between(2, 10) : random.between(0.3, 5);
  const own = random.between(0.8, 4);
  let wave = random.normal();
  let isOn = false;
  const slices: Slice[] = [];
  for (let i = 0; i < HISTORY + inside; i++) {
    const isWindow = i >= HISTORY;
    const seconds = isWindow ? width / inside : SAMPLE;
    if (i % RUN === 0) isOn = random.chance(0.4);
    const isCell = isOn || isWindow;
    const keep = Math.exp(-seconds / 1.5);
    wave = keep * wave + Math.sqrt(1 - keep * keep) * random.normal();
    let other = Math.min(THREADS - 4, Math.max(0, level * (1 + 0.5 * wave)));
    if (tenancy === 'tenant yields') other *= isCell ? 0.25 : 1.3;
    if (tenancy === 'tenant wakes') other *= isCell ? 1.6 : 0.2;
    const kernel = isCell ? Math.min(4, Math.max(0.05, own * (1 + 0.15 * random.normal()))) : 0;
    const factor = crowd(kernel + other, tenancy);
    const rates = watts(i, isWindow);
    const noise = 1 + 0.03 * random.normal() * Math.sqrt(Math.min(1, 0.1 / seconds));
    const kernelWatts = rates.kernel * kernel * factor;
    const total = rates.idle * noise + kernelWatts + rates.other * other * factor;
    slices.push({ seconds, kernel, other, kernelWatts, watts: total, isCell });
  }
  return slices;
}

/** Watts per CPU second of both, and idle watts, slice by slice. */
function drawWatts(random: Random, tenancy: Tenancy) {
  const other = random.between(2.5, 6) * random.between(0.8, 1.2);
  const before = other * random.between(0.7, 1.5);
  const kernel =
    tenancy === 'new program'
      ? other * random.between(0.7, 1.5)
      : before * random.between(0.8, 1.25);
  const swapped = other * random.between(0.7, 1.5);
  const idle = random.between(5, 15);
  const [period, phase] = [random.between(3, 20), random.between(0, 6)];
  const [slowly, since] = [random.between(10, 60), random.between(0, 6)];
  return (i: number, isWindow: boolean) => {
    const drift = 1 + 0.35 * Math.sin((i * SAMPLE) / period + phase);
    const sway = 1 + 0.3 * Math.sin((i * SAMPLE) / slowly + since);
    const changed = tenancy === 'tenant changes' && isWindow ? swapped : other;
    return {
      kernel: isWindow ? kernel : before,
      other: tenancy === 'tenant drifts' ? changed * drift : changed,
      idle: tenancy === 'idle drifts' ? idle * sway : idle
    };
  };
}

/** What remains of a thread's power when others run too. */
function crowd(threads: number, tenancy: Tenancy): number {
  let factor = 1;
  if (tenancy.startsWith('shared cores') && threads > CORES) {
    factor *= (CORES + 0.3 * (Math.min(threads, THREADS) - CORES)) / threads;
  }
  if (!tenancy.endsWith('falling clocks')) return factor;
  const steps = [
    [1, 1.25],
    [2, 1.2],
    [8, 0.9],
    [16, 0.85]
  ] as const;
  for (let i = 1; i < steps.length; i++) {
    const [from, high] = steps[i - 1]!;
    const [to, low] = steps[i]!;
    if (threads > to) continue;
    const part = Math.max(0, (threads - from) / (to - from));
    return factor * (high + part * (low - high));
  }
  return factor * 0.85;
}

/** CPU totals as the meter samples them; late children show when they are reaped, at the end. */
function activitiesOf(slices: Slice[], areLate: boolean): Activity[] {
  const [cpus, meterCpuNs] = [THREADS, 0];
  const memory = { residentTotalBytes: 8e9 };
  let [atNs, machineBusyNs, cpuNs, hidden] = [10e9, 0, 0, 0];
  const sample = (): Activity => ({
    atNs,
    machineBusyNs,
    cpus,
    cores: CORES,
    meterCpuNs,
    ...memory,
    groups: [{ kernelId: 'k', cpuNs, residentBytes: 5e8 }]
  });
  const samples = [sample()];
  slices.forEach((slice, i) => {
    atNs += slice.seconds * 1e9;
    machineBusyNs += (slice.kernel + slice.other) * slice.seconds * 1e9;
    const own = slice.kernel * slice.seconds * 1e9;
    const late = areLate ? 0.4 * own : 0;
    cpuNs += own - late;
    if (i >= HISTORY) hidden += late;
    if (i === slices.length - 1) cpuNs += hidden;
    samples.push(sample());
  });
  return samples;
}

function byCpuShare(slices: Slice[], cell: Slice[]): number {
  const idle = Math.min(...slices.slice(0, HISTORY).map(({ watts }) => watts));
  const above = sum(cell, ({ watts, seconds }) => Math.max(0, watts - idle) * seconds);
  const kernel = sum(cell, slice => slice.kernel * slice.seconds);
  const other = sum(cell, slice => slice.other * slice.seconds);
  return (above * kernel) / (kernel + other);
}

function sum(slices: Slice[], value: (slice: Slice) => number): number {
  return slices.reduce((total, slice) => total + value(slice), 0);
}
