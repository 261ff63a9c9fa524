/**
 * Optimisers as chains of gradient transforms: pure functions on trees of tensors.
 * @module
 */
export { adadelta, adagrad, scaleByAdadelta, scaleByAdagrad } from './rules/adagrad.ts';
export { adafactor, scaleByFactoredRms, scaleByParamRms } from './rules/adafactor.ts';
export {
  adam,
  adamw,
  scaleByAdam,
  type AdamOptions,
  type AdamwOptions,
  type DecayOptions
} from './rules/adam.ts';
export { adamax, amsgrad, nadam, radam } from './rules/adam-family.ts';
export { lars, lamb, scaleByTrustRatio } from './rules/layerwise.ts';
export { lbfgs, scaleByLbfgs, type LbfgsOptions } from './rules/lbfgs.ts';
export { wolfe, type WolfeOptions } from './rules/wolfe.ts';
export { backtrack, type BacktrackOptions } from './rules/line-search.ts';
export { muon, orthogonalize } from './rules/muon.ts';
export { rmsprop, scaleByRms } from './rules/rmsprop.ts';
export { sam } from './rules/sam.ts';
export {
  averagedParams,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeSgd
} from './rules/schedule-free.ts';
export { momentum, sgd, type MomentumOptions, type SgdOptions } from './rules/sgd.ts';
export { lion, scaleBySign, signSgd, signum } from './rules/sign.ts';
export { accumulate } from './gradients/accumulate.ts';
export {
  clipAdaptive,
  clipByGlobalNorm,
  clipByNorm,
  clipByRms,
  clipByValue
} from './gradients/clipping.ts';
export { addDecayedWeights } from './gradients/decay.ts';
export { averageParams, ema, type Averaged } from './gradients/ema.ts';
export { requireFinite, skipNonFinite } from './gradients/finite.ts';
export { chain } from './chain.ts';
export { injectHyperparameters, setHyperparameters } from './hyperparameters.ts';
export { masked, partition, type Mask } from './masks.ts';
export { step } from './step.ts';
export { scale, scaleByLearningRate, scaleBySchedule, type LearningRate } from './scale.ts';
export {
  applyUpdates,
  defineTransform,
  stateless,
  type Context,
  type Evaluation,
  type Fields,
  type Rule,
  type Transform,
  type Updated
} from './transform.ts';
