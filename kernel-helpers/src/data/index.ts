/**
 * Data sets, batches in a repeatable order, and generators of random numbers.
 * @module
 */
export { batches, type Batches, type BatchOptions, type Examples, type Rows } from './batches.ts';
export { fashionMnist, mnist, type Digits, type DigitsOptions } from './mnist.ts';
export { permutation, random, streamSeed, type Random } from './random.ts';
export {
  linearRegression,
  sineRegression,
  twoSpirals,
  type SyntheticOptions
} from './synthetic.ts';
export {
  beale,
  booth,
  branin,
  himmelblau,
  powell,
  quadratic,
  rosenbrock,
  type TestFunction
} from './test-functions.ts';
