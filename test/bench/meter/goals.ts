const percent = 100;

/** What the meter may cost, and how quick its history is. */
export const goals = {
  /** CPU time while no cell runs, % of a core. */
  idle: 0.003 * percent,
  /** While one cell runs, 200 readings a second, % of a core. */
  hot: 0.025 * percent,
  /** While 32 kernels are open and all run a cell, % of a core. */
  many: 0.04 * percent,
  manyKernels: 32,
  /** Resident memory in each of these, MiB. */
  memory: 80,
  /** Added to the time of a cell at the 99th percentile, ms. */
  latency: 1,
  /** A query of a million executions, ms. */
  query: 50,
  executions: 1_000_000
} as const;
