/**
 * Learning rates, and other numbers, that change with the step.
 * @module
 */
export { join, oneCycle, warmRestarts, warmup } from './cycles.ts';
export type { OneCycleOptions, RestartOptions } from './cycles.ts';
export {
  constant,
  cosine,
  exponential,
  linear,
  piecewise,
  polynomial,
  stepDecay
} from './decay.ts';
export type { CosineOptions, ExponentialOptions, PolynomialOptions } from './decay.ts';
export type { Schedule } from './schedule.ts';
