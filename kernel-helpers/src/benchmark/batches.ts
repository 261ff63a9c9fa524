import { HelperError } from '../errors.ts';
import type { Figure } from '../plot.ts';
import { benchmark, type Benchmark, type BenchmarkOptions } from './benchmark.ts';

/** A batch size with its benchmark. */
export interface BatchBenchmark extends Benchmark {
  /** Samples in one call. */
  readonly batch: number;
}

/**
 * Benchmarks a function over batch sizes.
 * @param make Makes the function to call for a batch size; what it prepares does not count.
 * @param batches Batch sizes, each at least 1.
 * @param options As for `benchmark`; `samples` is the batch size.
 * @returns One benchmark a batch size, in the order given.
 * @throws HelperError `input/empty` without batch sizes, and what `benchmark` throws.
 */
export async function benchmarkBatches(
  make: (batch: number) => (() => unknown) | Promise<() => unknown>,
  batches: readonly number[],
  options: Omit<BenchmarkOptions, 'samples'> = {}
): Promise<BatchBenchmark[]> {
  if (batches.length === 0) {
    throw new HelperError('input/empty', 'expected at least one batch size, got none');
  }
  const results: BatchBenchmark[] = [];
  for (const batch of batches) {
    const label = `${options.label ?? 'batch'} ${batch}`;
    const result = await benchmark(await make(batch), { ...options, label, samples: batch });
    results.push({ ...result, batch });
  }
  return results;
}

/**
 * Those points that no other beats in both: the Pareto front.
 * @param points Any points.
 * @param cost Two costs of a point, less is better; one that is not a number leaves the point out.
 * @returns The front in order of the first cost.
 */
export function paretoFront<T>(points: readonly T[], cost: (point: T) => [number, number]): T[] {
  const sorted = points
    .map(point => ({ point, costs: cost(point) }))
    .filter(({ costs }) => costs.every(Number.isFinite))
    .sort((a, b) => a.costs[0] - b.costs[0] || a.costs[1] - b.costs[1]);
  let least = Infinity;
  return sorted.flatMap(({ point, costs }) => {
    if (costs[1] >= least) return [];
    least = costs[1];
    return [point];
  });
}

/**
 * Draws energy per sample against latency over batch sizes, with intervals and the Pareto front.
 * @param results From `benchmarkBatches`.
 * @param title Above the figure. @default 'Energy against latency'
 * @returns A figure for `plot`; batch sizes without an energy are left out.
 */
export function batchFigure(
  results: readonly BatchBenchmark[],
  title = 'Energy against latency'
): Figure {
  const shown = results.filter(({ joulesPerSample }) => joulesPerSample.joules !== null);
  const milliseconds = ({ latency }: BatchBenchmark) => latency.p95.value * 1000;
  const joules = ({ joulesPerSample }: BatchBenchmark) => joulesPerSample.joules ?? NaN;
  const front = paretoFront(shown, each => [milliseconds(each), joules(each)]);
  const bars = (values: (each: BatchBenchmark) => [number, number, number]) => ({
    type: 'data',
    symmetric: false,
    array: shown.map(each => values(each)[2] - values(each)[1]),
    arrayminus: shown.map(each => values(each)[1] - values(each)[0])
  });
  return {
    data: [
      {
        ...{ type: 'scatter', mode: 'lines', name: 'Pareto front', line: { shape: 'hv' } },
        ...{ x: front.map(milliseconds), y: front.map(joules) }
      },
      {
        ...{ type: 'scatter', mode: 'markers+text', name: 'batch size', textposition: 'top right' },
        ...{ x: shown.map(milliseconds), y: shown.map(joules) },
        text: shown.map(({ batch }) => String(batch)),
        error_x: bars(({ latency: { p95 } }) => [p95.low * 1e3, p95.value * 1e3, p95.high * 1e3]),
        error_y: bars(({ joulesPerSample: { low, joules, high } }) => {
          const value = joules ?? 0;
          return [low ?? value, value, high ?? value];
        })
      }
    ],
    layout: {
      title: { text: title },
      xaxis: { title: { text: 'latency, p95 (ms)' }, type: 'log' },
      yaxis: { title: { text: 'energy per sample (J)' }, type: 'log' }
    }
  };
}
