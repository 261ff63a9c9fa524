import { crowding } from './crowding.ts';
import { sliceVariance } from './power-filter.ts';

/** Exponents that are tried for how fast a CPU second's energy falls as more threads run. */
export const THETAS = [0, 0.06, 0.12, 0.18, 0.24] as const;

/** A slice of the past: joules, seconds, CPU seconds of one kernel and of everything else. */
export interface PastSlice {
  seconds: number;
  joules: number;
  kernel: number;
  other: number;
}

const HORIZON_SECONDS = 10;
const RATIO = 0.3;

/**
 * The exponent that explains the past best: least squares with exponential forgetting for idle power,
 * the kernel's watts before and in the window, and the others' watts, each tied to the others by a
 * weak prior.
 * @param history Slices before the window; the rest of `slices` is the window.
 * @param skipWindow Leave the window out: its CPU times cannot be right.
 */
export function chooseTheta(
  slices: readonly PastSlice[],
  history: number,
  cores: number,
  skipWindow = false
): number {
  const used = skipWindow ? slices.slice(0, history) : slices;
  const watts = wattsPerCpuSecond(slices);
  const weights = weightsOf(slices, history);
  const freedom = Math.max(weights.forget.reduce((a, b) => a + b, 0) - 3, 1);
  let best = { theta: 0, score: Infinity };
  for (const theta of THETAS) {
    const { normal, right } = priors(watts);
    const rows = used.map((slice, i) => loads(slice, i >= history, theta, cores));
    rows.forEach((row, i) => addRow(normal, right, row, used[i]!.joules, weights.weight[i]!));
    const fit = solve(normal, right);
    let chi = 0;
    rows.forEach((row, i) => {
      const error = used[i]!.joules - row.reduce((sum, load, k) => sum + load * fit[k]!, 0);
      chi += weights.weight[i]! * error * error;
    });
    chi /= freedom;
    const score = chi + ((theta - 0.08) / 0.08) ** 2 * 0.02 * Math.max(0.5, chi);
    if (score < best.score) best = { theta, score };
  }
  return best.theta;
}

function loads(slice: PastSlice, isWindow: boolean, theta: number, cores: number): number[] {
  const busy = (slice.kernel + slice.other) / slice.seconds;
  const f = crowding(busy, theta, cores);
  const kernel = slice.kernel * f;
  return [slice.seconds, isWindow ? 0 : kernel, isWindow ? kernel : 0, slice.other * f];
}

function weightsOf(slices: readonly PastSlice[], history: number) {
  let width = 0;
  for (const { seconds } of slices.slice(history)) width += seconds;
  const horizon = Math.max(HORIZON_SECONDS, 2 * width);
  const forget = new Array<number>(slices.length);
  let age = 0;
  for (let i = slices.length - 1; i >= 0; i--) {
    forget[i] = Math.exp(-age / horizon);
    age += slices[i - 1]?.seconds ?? 0;
  }
  const weight = slices.map(
    ({ joules, seconds }, i) => forget[i]! / sliceVariance(joules, seconds)
  );
  return { forget, weight };
}

function wattsPerCpuSecond(slices: readonly PastSlice[]): number {
  let least = Infinity;
  let busy = 0;
  for (const slice of slices) {
    least = Math.min(least, slice.joules / slice.seconds);
    busy += slice.kernel + slice.other;
  }
  let above = 0;
  for (const { joules, seconds } of slices) above += joules - seconds * least;
  return Math.min(30, Math.max(0.3, above / Math.max(busy, 1e-9)));
}

function priors(watts: number): { normal: number[][]; right: number[] } {
  const normal = [0, 1, 2, 3].map(() => [0, 0, 0, 0]);
  const right = [0, 0, 0, 0];
  const tie = (row: number[], target: number, deviation: number) =>
    addRow(normal, right, row, target, 1 / deviation ** 2);
  tie([0, 0, 0, 1], watts, 0.6 * watts);
  tie([0, -1, 1, 0], 0, RATIO * watts);
  tie([0, 1, 0, -1], 0, 1.3 * RATIO * watts);
  tie([0, 0, 1, -1], 0, 1.3 * RATIO * watts);
  tie([1, 0, 0, 0], 8, 20);
  return { normal, right };
}

function addRow(
  normal: number[][],
  right: number[],
  row: number[],
  target: number,
  weight: number
): void {
  for (let i = 0; i < row.length; i++) {
    for (let j = 0; j < row.length; j++) normal[i]![j]! += weight * row[i]! * row[j]!;
    right[i]! += weight * row[i]! * target;
  }
}

/** Gaussian elimination with partial pivoting. */
function solve(matrix: number[][], vector: number[]): number[] {
  const n = vector.length;
  const rows = matrix.map((row, i) => [...row, vector[i]!]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    }
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let k = n - 1; k >= 0; k--) {
    let sum = rows[k]![n]!;
    for (let j = k + 1; j < n; j++) sum -= rows[k]![j]! * x[j]!;
    x[k] = sum / rows[k]![k]!;
  }
  return x;
}
