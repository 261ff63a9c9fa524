import { divideEnergy, type Energy } from '../energy.ts';
import { checkNumber, HelperError } from '../errors.ts';
import { measure } from '../measure.ts';
import { processClock, runCalls, type BenchmarkClock } from './calls.ts';
import type { Estimate, LatencyPercentiles } from './latencies.ts';

/** How to benchmark. */
export interface BenchmarkOptions {
  /** Name in the meter's history. @default 'benchmark' */
  label?: string;
  /** Seconds to call for, above 0; the meter resolves a second well. @default 2 */
  seconds?: number;
  /** Calls at most, at least 2. @default no limit */
  calls?: number;
  /** Seconds of calls that do not count, while caches fill and code is compiled; at least one call. @default 0.5 */
  warmup?: number;
  /** Samples that one call works on, for joules per sample. @default 1 */
  samples?: number;
  /** Calls that arrive each second, as from users who do not wait for each other. @default one after the other */
  rate?: number;
  /** Where time comes from. @default the process's monotonic clock */
  clock?: BenchmarkClock;
}

/** What calls take and cost. */
export interface Benchmark {
  /** Name in the meter's history. */
  readonly label: string;
  /** How many calls counted. */
  readonly calls: number;
  /** Samples of one call. */
  readonly samples: number;
  /** How long all took, in seconds. */
  readonly seconds: number;
  /** Calls per second. */
  readonly throughput: Estimate;
  /** How long a call takes, in seconds, coordinated omission corrected. */
  readonly latency: LatencyPercentiles;
  /** How long a call takes from its begin, in seconds, as it happened: what a loop that waits would report. */
  readonly serviceTime: LatencyPercentiles;
  /** Of all calls, in joules with interval. */
  readonly energy: Energy;
  /** Of one call (one inference). */
  readonly joulesPerCall: Energy;
  /** Of one sample. */
  readonly joulesPerSample: Energy;
}

/**
 * Benchmarks a function: throughput, latency and energy of a call, each with its interval.
 * After a warm-up it is called again and again. With a `rate`, calls are due at fixed times and latency counts from when a call was due.
 * Without one, a call that took much longer than those of the warm-up also counts for the calls that would have waited behind it. Both
 * correct for coordinated omission.
 * @param fn What to call; a promise is awaited. A tensor it returns is disposed of.
 * @param options Duration, warm-up, samples of a call, arrival rate.
 * @returns Calls per second, percentiles in seconds, joules per call and per sample; energies are missing without a meter.
 * @throws HelperError `input/value` for options out of range or an `fn` that is no function. An error of `fn` passes on.
 * @example const { latency, joulesPerCall } = await benchmark(() => model.predict(x), { samples: 32 });
 * @see Tene 2013, "How NOT to Measure Latency"; HdrHistogram, `recordValueWithExpectedInterval`
 */
export async function benchmark(
  fn: () => unknown,
  options: BenchmarkOptions = {}
): Promise<Benchmark> {
  const { label = 'benchmark', samples = 1, clock = processClock, rate } = options;
  const { seconds, calls, warmup } = checked(fn, options);
  const before = await runCalls(
    fn,
    { seconds: Math.max(warmup, 1e-9), calls: Infinity, expectedInterval: 0 },
    clock
  );
  const expectedInterval = before.latencies.percentiles().p50.value;
  const { value, energy } = await measure(label, () =>
    runCalls(fn, { seconds, calls, rate, expectedInterval }, clock)
  );
  const { latencies, services, ends } = value;
  const joulesPerCall = divideEnergy(energy, ends.length);
  return {
    label,
    calls: ends.length,
    samples,
    seconds: ends.at(-1) ?? 0,
    throughput: throughputOf(ends),
    latency: latencies.percentiles(),
    serviceTime: services.percentiles(),
    energy,
    joulesPerCall,
    joulesPerSample: divideEnergy(joulesPerCall, samples)
  };
}

function checked(fn: unknown, options: BenchmarkOptions) {
  if (typeof fn !== 'function') {
    throw new HelperError('input/value', `expected a function to benchmark, got ${typeof fn}`);
  }
  const { seconds = 2, calls = Infinity, warmup = 0.5, samples = 1, rate } = options;
  checkNumber('seconds', seconds, { above: 0, below: 86_400 });
  checkNumber('warmup', warmup, { from: 0, below: 3600 });
  checkNumber('samples', samples, { from: 1, below: Infinity, integer: true });
  if (calls !== Infinity) checkNumber('calls', calls, { from: 2, below: Infinity, integer: true });
  if (rate !== undefined) checkNumber('rate', rate, { above: 0, below: 1e6 });
  return { seconds, calls, warmup };
}

/** Student's t for 95 %, of 9 degrees of freedom: ten blocks. */
const t9 = 2.262157;
const blocks = 10;

/** Calls per second; its interval is from the means of ten stretches, so that calls need not be independent. */
function throughputOf(ends: readonly number[]): Estimate {
  const total = ends.at(-1) ?? 0;
  if (!(total > 0)) return { value: 0, low: 0, high: Infinity };
  const value = ends.length / total;
  const size = Math.floor(ends.length / blocks);
  if (size < 1) return { value, low: 0, high: Infinity };
  const rates = Array.from({ length: blocks }, (_, block) => {
    const from = block === 0 ? 0 : (ends[block * size - 1] ?? 0);
    return size / Math.max(1e-9, (ends[(block + 1) * size - 1] ?? 0) - from);
  });
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / blocks;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (blocks - 1);
  const half = t9 * Math.sqrt(variance / blocks);
  return { value, low: Math.max(0, value - half), high: value + half };
}
