/** What the fidelity bench must reach; each goal stands here only. */
export const GOALS = {
  /** Windows without a gap whose value is false, of all windows of all traces. */
  wrongWindows: 0,
  /** Percent of windows of healthy traces that become gaps. */
  healthyGaps: 1.2,
  /** Accounts that do not add up to the microjoule. */
  unbalancedAccounts: 0,
  /** Median error in percent by window length in seconds. */
  rapl: [
    [0.005, 6],
    [0.02, 1.5],
    [0.05, 0.6],
    [0.25, 0.12]
  ],
  nvml: [
    [0.02, 4],
    [0.05, 1.5],
    [0.25, 0.3]
  ],
  /** Percent of truths inside the interval: bounds of the mean over scenarios, least of any. */
  coverage: { least: 93, most: 97, worst: 85 },
  /** Error in percent beside a busy tenant, from this length on. */
  tenants: { fromSeconds: 0.25, median: 5, p95: 25 },
  /** Error in percent where the meter never saw the machine idle; our own goal, the issue has none. */
  busy: { median: 15 },
  /** Mean error in percent of the model of machines without sensors, and least percent covered. */
  model: { unseenError: 38, calibratedError: 18, coverage: 90 },
  /** Lengths of the real daemon's cells in ms; the following rows have a figure for each. */
  liveMilliseconds: [5, 20, 50, 250],
  /** Median error in percent. */
  live: {
    'cells one after another': [1.4, 0.5, 0.23, 0.05],
    'on a power wave, no gate': [3.5, 2, 1, 0.15],
    'twenty cells queued at once': [7, 2.2, 1, 0.3],
    'two busy loops beside': [2, 0.5, 0.3, 0.1]
  },
  /** Percent of truths inside the interval, in each of these. */
  liveCoverage: { least: 92, most: 99 },
  /** Median half width of the interval in percent, for cells one after another. */
  liveHalfWidths: [6, 2.5, 1, 0.25]
} as const;
