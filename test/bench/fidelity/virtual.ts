import type { BenchResult } from '../result.ts';
import { meterBusy } from './busy.ts';
import { type CounterShape, NVML, RAPL } from './counter.ts';
import { FAULTS, RANGES } from './faults.ts';
import { GOALS } from './goals.ts';
import { SCENARIOS } from './scenarios.ts';
import { meterTenants, TENANCIES } from './tenants.ts';
import { meterTraces, type TraceCounts } from './traces.ts';
import { meterWindows, SCHEDULE } from './windows.ts';

/** How much is simulated. */
export interface VirtualOptions {
  /** Counter traces in all. @default 100000; the goal speaks of 1000000, which takes minutes */
  traces?: number;
  /** Windows of each length in each scenario. @default 120 */
  windows?: number;
  /** Sessions of each kind of tenant and length. @default 300 */
  sessions?: number;
  /** Seed of all that is drawn. @default 1 */
  seed?: number;
}

/** A truth, and the interval that should hold it. */
interface Interval {
  truth: number;
  low: number;
  high: number;
}

/** The part of the fidelity bench that runs in virtual time, on the ledger alone. */
export async function virtualFidelity(options: VirtualOptions = {}): Promise<BenchResult[]> {
  const { traces = 100_000, windows = 120, sessions = 300, seed = 1 } = options;
  return Promise.resolve([
    ...traceRows(traces, seed),
    ...windowRows('1 ms counter', RAPL, GOALS.rapl, windows, seed),
    ...windowRows('100 ms counter', NVML, GOALS.nvml, windows, seed),
    ...tenantRows(sessions, seed),
    ...busyRows(sessions, seed)
  ]);
}

function traceRows(traces: number, seed: number): BenchResult[] {
  const model = { faults: FAULTS, ranges: RANGES, pauses: true, uniformStart: false };
  const slow = { ...model, beats: [0.1, 2], periods: [1e-3, 0.1] } as const;
  const fast = { ...model, beats: [0.004, 0.1], periods: [1e-3] } as const;
  const healthy = {
    ...slow,
    faults: ['none'],
    ranges: [262143.33],
    pauses: false,
    uniformStart: true
  } as const;
  const share = (part: number) => Math.max(1, Math.round(traces * part));
  const faulty = [
    meterTraces(share(0.6), slow, seed),
    meterTraces(share(0.3), fast, seed + 1)
  ].reduce(added);
  const quiet = meterTraces(share(0.1), healthy, seed + 2);
  const all = added(faulty, quiet);
  const percent = (part: number, { windows }: TraceCounts) => (100 * part) / windows;
  return [
    atMost(
      `windows with a false value, of ${all.windows} in ${all.traces} traces`,
      all.wrong,
      all.naiveWrong,
      'windows',
      GOALS.wrongWindows
    ),
    atMost(
      'windows of healthy traces that become gaps',
      percent(quiet.gaps, quiet),
      null,
      '%',
      GOALS.healthyGaps
    ),
    atMost(
      'accounts that do not add up to the microjoule, over the same traces',
      all.unbalanced,
      null,
      'accounts',
      GOALS.unbalancedAccounts
    )
  ];
}

function windowRows(
  counter: string,
  shape: CounterShape,
  goals: readonly (readonly [number, number])[],
  count: number,
  seed: number
): BenchResult[] {
  const widths = goals.map(([width]) => width);
  const lives = SCENARIOS.map((scenario, i) =>
    meterWindows(scenario, widths, count, shape, SCHEDULE, seed * 1000 + i)
  );
  return goals.flatMap(([width, goal]) => {
    const trials = lives.map(life => life.filter(trial => trial.width === width));
    const what = `${counter}, ${width * 1e3} ms windows`;
    const ours = errors(trials.flat(), trial => trial.ours);
    const naive = errors(trials.flat(), trial => trial.naive);
    return [
      atMost(`median error, ${what}`, quantile(ours, 0.5), quantile(naive, 0.5), '%', goal),
      ...coverageRows(what, trials)
    ];
  });
}

function coverageRows(what: string, trials: Interval[][]): BenchResult[] {
  const shares = trials.map(covered);
  const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
  const { least, most, worst } = GOALS.coverage;
  return [
    {
      name: `mean interval coverage, ${what}`,
      ours: mean,
      other: null,
      ratio: null,
      unit: '%',
      goal: `${least} to ${most} %`,
      met: mean >= least && mean <= most
    },
    {
      name: `interval coverage in the worst scenario, ${what}`,
      ours: Math.min(...shares),
      other: null,
      ratio: null,
      unit: '%',
      goal: `at least ${worst} %`,
      met: Math.min(...shares) >= worst
    }
  ];
}

function tenantRows(count: number, seed: number): BenchResult[] {
  const { fromSeconds, median, p95 } = GOALS.tenants;
  return [fromSeconds, 4 * fromSeconds].flatMap(width => {
    const scenarios = TENANCIES.map((tenancy, i) =>
      meterTenants(tenancy, width, count, seed * 1000 + i)
    );
    const trials = scenarios.flat();
    const ours = errors(trials, trial => trial.ours);
    const share = errors(trials, trial => trial.cpuShare);
    const what = `beside a busy tenant, children that exit, ${width * 1e3} ms`;
    return [
      atMost(`median error ${what}`, quantile(ours, 0.5), quantile(share, 0.5), '%', median),
      atMost(`95th percentile ${what}`, quantile(ours, 0.95), quantile(share, 0.95), '%', p95),
      ...coverageRows(what, scenarios)
    ];
  });
}

function busyRows(count: number, seed: number): BenchResult[] {
  const scenarios = meterBusy(count, seed);
  const trials = scenarios.flat();
  const what = 'a cell on a machine that was busy before the meter started';
  const ours = quantile(
    errors(trials, trial => trial.ours),
    0.5
  );
  const share = quantile(
    errors(trials, trial => trial.cpuShare),
    0.5
  );
  return [
    atMost(`median error, ${what}`, ours, share, '%', GOALS.busy.median),
    ...coverageRows(what, scenarios)
  ];
}

function atMost(
  name: string,
  ours: number,
  other: number | null,
  unit: string,
  goal: number
): BenchResult {
  const ratio = other === null || other === 0 ? null : ours / other;
  return { name, ours, other, ratio, unit, goal: `at most ${goal} ${unit}`, met: ours <= goal };
}

function added(a: TraceCounts, b: TraceCounts): TraceCounts {
  return {
    traces: a.traces + b.traces,
    windows: a.windows + b.windows,
    gaps: a.gaps + b.gaps,
    wrong: a.wrong + b.wrong,
    naiveWrong: a.naiveWrong + b.naiveWrong,
    unbalanced: a.unbalanced + b.unbalanced
  };
}

function errors<T extends { truth: number }>(trials: T[], value: (trial: T) => number): number[] {
  // A window without a value counts as wholly wrong.
  const percent = trials.map(trial => 100 * Math.abs(value(trial) / trial.truth - 1));
  return percent.map(error => (Number.isNaN(error) ? 100 : error)).sort((a, b) => a - b);
}

function quantile(sorted: number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}

function covered(trials: Interval[]): number {
  const inside = trials.filter(({ truth, low, high }) => low <= truth && truth <= high);
  return (100 * inside.length) / trials.length;
}
