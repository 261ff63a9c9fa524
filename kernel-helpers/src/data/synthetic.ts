import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../errors.ts';
import type { Examples } from './batches.ts';
import { random } from './random.ts';

/** Size and seed of made-up data. */
export interface SyntheticOptions {
  /** How many examples, at least 1. @default 100 */
  examples?: number;
  /** Standard deviation of the noise, in the targets' unit (of the coordinates, for classes). @default 0.1 */
  noise?: number;
  /** Fixes the data: the same on every machine. @default 0 */
  seed?: number;
}

/**
 * A linear regression: `y = x·weights + intercept + noise` with standard normal x.
 * @param weights One per feature.
 * @param options Intercept, size, noise, seed. @default intercept 0
 * @returns Inputs of shape [examples, features] and targets of shape [examples, 1]; they belong to the caller.
 * @throws HelperError `input/empty` without weights, `input/value` for a size or noise out of range.
 */
export function linearRegression(
  weights: readonly number[],
  options: SyntheticOptions & { intercept?: number } = {}
): Examples {
  if (weights.length === 0) {
    throw new HelperError('input/empty', 'expected at least one weight, got none');
  }
  const { count, noise, draw } = prepare(options);
  const { intercept = 0 } = options;
  const rows = Array.from({ length: count }, () => weights.map(() => draw.normal()));
  const targets = rows.map(row => {
    const exact = row.reduce((sum, x, index) => sum + x * weights[index]!, intercept);
    return [exact + noise * draw.normal()];
  });
  return {
    inputs: tf.tensor2d(rows, [count, weights.length]),
    targets: tf.tensor2d(targets, [count, 1])
  };
}

/**
 * A curve to fit: `y = sin(πx) + noise` for x from −1 to 1.
 * @param options Size, noise, seed.
 * @returns Inputs and targets of shape [examples, 1]; they belong to the caller.
 */
export function sineRegression(options: SyntheticOptions = {}): Examples {
  const { count, noise, draw } = prepare(options);
  const xs = Array.from({ length: count }, () => [2 * draw.uniform() - 1]);
  const ys = xs.map(([x]) => [Math.sin(Math.PI * x!) + noise * draw.normal()]);
  return { inputs: tf.tensor2d(xs), targets: tf.tensor2d(ys) };
}

/**
 * Two interlocking spirals, a problem of two classes that no line separates.
 * @param options Size, noise, seed.
 * @returns Inputs of shape [examples, 2] and class numbers 0 and 1 of shape [examples]; they belong to the caller.
 */
export function twoSpirals(options: SyntheticOptions = {}): Examples {
  const { count, noise, draw } = prepare(options);
  const classes = Array.from({ length: count }, (_, index) => index % 2);
  const points = classes.map(side => {
    const along = Math.sqrt(draw.uniform()) * 3 * Math.PI;
    const angle = along + side * Math.PI;
    const at = (x: number): number => (x * along) / (3 * Math.PI) + noise * draw.normal();
    return [at(Math.cos(angle)), at(Math.sin(angle))];
  });
  return { inputs: tf.tensor2d(points), targets: tf.tensor1d(classes, 'int32') };
}

function prepare({ examples = 100, noise = 0.1, seed = 0 }: SyntheticOptions) {
  checkNumber('examples', examples, { from: 1, integer: true });
  checkNumber('noise', noise, { from: 0 });
  return { count: examples, noise, draw: random(seed) };
}
