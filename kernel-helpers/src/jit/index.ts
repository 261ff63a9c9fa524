/**
 * Functions of tensors that run as one compiled TensorFlow function.
 * @module
 */
export { jit } from './jit.ts';
export type { Jitted, JitOptions } from './jitted.ts';
export { compileStep, type CompiledStep } from './model.ts';
export type { ScanResult, ScanStep } from './scan.ts';
export type { CompileReport } from './compiled.ts';
export { inVariables } from './in-place.ts';
export { trainStep, type BatchLoss, type TrainPosition, type TrainStep } from './train-step.ts';
