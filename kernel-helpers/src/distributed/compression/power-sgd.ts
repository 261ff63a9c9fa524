import { checkNumber } from '../../errors.ts';
import { random } from '../../data/random.ts';
import type { Group } from '../group.ts';
import { sizeOfParts, withFeedback, type Compression, type Part } from './compression.ts';

/** Options of PowerSGD. */
export interface PowerSgdOptions {
  /** Rank r of the approximation: `r·(rows + columns)` numbers are sent of a matrix. @default 2 */
  rank?: number;
  /** Fixes the first directions, the same on all workers. @default 0 */
  seed?: number;
}

/** A tensor seen as a matrix: its last axis are the columns. */
interface Matrix {
  readonly from: number;
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
  /** Directions of the last step, [columns, rank], where the next one starts. */
  directions: Float32Array;
}

/**
 * Low-rank gradients by one step of the power iteration from the last step's directions, with error feedback. Vectors, and matrices that
 * a low rank would not make smaller, are sent in full.
 * @param options Rank and seed.
 * @returns The compression: two all-reduces a step.
 * @throws HelperError `input/value` for a rank that is no whole number of at least 1.
 * @see Vogels et al. 2019, arXiv:1905.13727, algorithm 1
 */
export function powerSgd(options: PowerSgdOptions = {}): Compression {
  const rank = checkNumber('rank', options.rank ?? 2, { from: 1, integer: true });
  return {
    name: `powerSgd(${rank})`,
    start(parts) {
      const { normal } = random(options.seed ?? 0);
      const matrices = parts.flatMap(part => asMatrix(part, rank, normal) ?? []);
      const whole = parts.filter(({ from }) => !matrices.some(matrix => matrix.from === from));
      return withFeedback(sizeOfParts(parts), async (group, wanted) => {
        const left = await shared(
          group,
          matrices.map(matrix => timesDirections(wanted, matrix))
        );
        matrices.forEach(({ rows, rank: r }, i) => orthonormalise(left[i]!, rows, r));
        const products = matrices.map((matrix, i) => transposedTimes(wanted, matrix, left[i]!));
        const vectors = whole.map(({ from, size }) => wanted.slice(from, from + size));
        const means = await shared(group, [...products, ...vectors]);
        const mean = new Float32Array(wanted.length);
        matrices.forEach((matrix, i) => {
          matrix.directions = means[i]!;
          multiplyOut(mean, matrix, left[i]!);
        });
        whole.forEach(({ from }, i) => mean.set(means[matrices.length + i]!, from));
        return { mean, sent: mean };
      });
    }
  };
}

/** The means of several arrays, in one all-reduce. */
async function shared(group: Group, arrays: readonly Float32Array[]): Promise<Float32Array[]> {
  const flat = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    flat.set(array, at);
    at += array.length;
  }
  const mean = flat.length > 0 ? await group.allReduce(flat, 'mean') : flat;
  at = 0;
  return arrays.map(({ length }) => mean.slice(at, (at += length)));
}

function asMatrix(part: Part, wanted: number, normal: () => number): Matrix | undefined {
  const columns = part.shape.at(-1) ?? 0;
  const rows = columns === 0 ? 0 : part.size / columns;
  const rank = Math.min(wanted, rows, columns);
  if (part.shape.length < 2 || rank * (rows + columns) >= part.size) return undefined;
  const directions = Float32Array.from({ length: columns * rank }, normal);
  return { from: part.from, rows, columns, rank, directions };
}

/** P = MQ, [rows, rank]. */
function timesDirections(values: Float32Array, matrix: Matrix): Float32Array {
  const { from, rows, columns, rank, directions } = matrix;
  const product = new Float32Array(rows * rank);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[from + row * columns + column]!;
      for (let r = 0; r < rank; r++) {
        product[row * rank + r]! += value * directions[column * rank + r]!;
      }
    }
  }
  return product;
}

/** MᵀP, [columns, rank]. */
function transposedTimes(values: Float32Array, matrix: Matrix, left: Float32Array): Float32Array {
  const { from, rows, columns, rank } = matrix;
  const product = new Float32Array(columns * rank);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[from + row * columns + column]!;
      for (let r = 0; r < rank; r++) product[column * rank + r]! += value * left[row * rank + r]!;
    }
  }
  return product;
}

/** PQᵀ into its place. */
function multiplyOut(into: Float32Array, matrix: Matrix, left: Float32Array): void {
  const { from, rows, columns, rank, directions } = matrix;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += left[row * rank + r]! * directions[column * rank + r]!;
      into[from + row * columns + column] = sum;
    }
  }
}

/** Makes columns orthonormal, one after another (Gram–Schmidt, modified); a column that vanishes becomes 0. */
function orthonormalise(left: Float32Array, rows: number, rank: number): void {
  const dot = (a: number, b: number): number => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += left[row * rank + a]! * left[row * rank + b]!;
    return sum;
  };
  for (let r = 0; r < rank; r++) {
    for (let before = 0; before < r; before++) {
      const share = dot(r, before);
      for (let row = 0; row < rows; row++)
        left[row * rank + r]! -= share * left[row * rank + before]!;
    }
    const norm = Math.sqrt(dot(r, r));
    for (let row = 0; row < rows; row++)
      left[row * rank + r] = norm > 1e-20 ? left[row * rank + r]! / norm : 0;
  }
}
