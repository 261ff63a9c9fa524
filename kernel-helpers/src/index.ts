/**
 * What a notebook imports: gradient descent, optimisers, training and models, whose results carry their energy.
 * @module
 */
export { device } from './backend.ts';
export {
  batchFigure,
  benchmark,
  benchmarkBatches,
  breakEven,
  compare,
  paretoFront,
  type BatchBenchmark,
  type Benchmark,
  type BenchmarkOptions,
  type BreakEven,
  type Comparison,
  type Estimate,
  type LatencyPercentiles,
  type MeasuredWay
} from './benchmark/index.ts';
export { dataFolder, type DataFolder } from './data-folder.ts';
export { divideEnergy, formatEnergy, type DomainEnergy, type Energy } from './energy.ts';
export { HelperError, type HelperErrorCode } from './errors.ts';
export {
  gradientDescent,
  type Descent,
  type DescentOptions,
  type DescentProgress,
  type Objective
} from './gradient-descent.ts';
export { footprintOf, impactNow } from './impact-now.ts';
export { measure, type Measured, type MeasuredBlock } from './measure.ts';
export {
  compileStep,
  inVariables,
  jit,
  trainStep,
  type CompiledStep,
  type CompileReport,
  type Jitted,
  type JitOptions,
  type TrainStep
} from './jit/index.ts';
export { lineFigure, plot, type Figure, type LineOptions } from './plot.ts';
export {
  tensorflow,
  TensorFlowError,
  useTensorFlow,
  type TensorFlow,
  type TensorFlowErrorCode,
  type TensorFlowOptions
} from './runtime/index.ts';
export { fit, type Fit, type FitOptions, type FitProgress } from './training/index.ts';
export type { Stopping, StopReason } from './training/index.ts';
export type { State, Tree } from './tree.ts';
export { useWasm, type Device } from './wasm.ts';

export * as data from './data/index.ts';
export * as distributed from './distributed/index.ts';
export * as distill from './distill/index.ts';
export * as estimators from './estimators/index.ts';
export * as impact from './impact/index.ts';
export * as io from './io/index.ts';
export * as models from './models/index.ts';
export * as onebit from './onebit/index.ts';
export * as optim from './optim/index.ts';
export * as prune from './prune/index.ts';
export * as schedules from './schedules/index.ts';
export * as training from './training/index.ts';
