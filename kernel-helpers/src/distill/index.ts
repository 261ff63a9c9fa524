/**
 * Knowledge distillation: losses between named outputs of a teacher and a student.
 * @module
 */
export { teacherOutputs, type CacheOptions } from './cache.ts';
export { fit, type Distilled, type DistillOptions } from './fit.ts';
export { attention, flow, flowMatrix, hint, similarity } from './losses/features.ts';
export {
  decoupled,
  dist,
  softTargets,
  type DecoupledOptions,
  type SoftTargetsOptions,
  type StrongerOptions
} from './losses/logits.ts';
export type { Reduction } from './losses/reduction.ts';
export { relational, type RelationalOptions } from './losses/relational.ts';
export { named, type Model, type NamedNetwork, type Outputs, type Selector } from './outputs.ts';
export { convolutionProjector, denseProjector, type Projector } from './projector.ts';
export { succession } from './succession.ts';
export {
  ensemble,
  snapshot,
  teacherOf,
  type EnsembleOptions,
  type Snapshot,
  type Teacher
} from './teachers.ts';
export type { HardTerm, Term } from './terms.ts';
