/**
 * Efficiency: throughput, latency and energy of a function, whether two differ, and when a thriftier way has paid.
 * @module
 */
export { batchFigure, benchmarkBatches, paretoFront, type BatchBenchmark } from './batches.ts';
export { benchmark, type Benchmark, type BenchmarkOptions } from './benchmark.ts';
export { breakEven, type BreakEven, type MeasuredWay } from './break-even.ts';
export type { BenchmarkClock } from './calls.ts';
export { compare, type Comparison } from './compare.ts';
export type { Estimate, LatencyPercentiles } from './latencies.ts';
