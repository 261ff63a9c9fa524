/**
 * Gradients by other ways than differentiation: differences, parameter shifts, minibatches.
 * @module
 */
export { autodiff } from './autodiff.ts';
export { finiteDifferences, parameterShift } from './differences.ts';
export type { Estimate, Estimator, Loss } from './estimator.ts';
export { minibatch, type Minibatch, type MinibatchOptions } from './minibatch.ts';
