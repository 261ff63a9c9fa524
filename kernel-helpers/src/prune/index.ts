/**
 * Smaller models: which weights stay (score × scope × structure), how the others go (schedules, lottery tickets, RigL), and channels that
 * are really taken out of a model.
 * @module
 */
export { decodeMasks, encodeMasks, loadMasks, saveMasks } from './files.ts';
export type { Where } from './leaves.ts';
export { countKept, makeMasks, type MaskOptions } from './make-masks.ts';
export { applyMasks, checkMasks, strip, type Masks } from './masks.ts';
export { sizeReport, type SizeReport } from './report/size.ts';
export { sparsityReport, type LayerSparsity, type SparsityReport } from './report/sparsity.ts';
export {
  constantSparsity,
  gradual,
  oneShot,
  polynomialDecay,
  sparsityAfter,
  type DueOptions,
  type PolynomialDecayOptions,
  type SparsitySchedule
} from './schedules.ts';
export { hessianDiagonal, type HessianOptions } from './scores/curvature.ts';
export { hessian, movement, taylor } from './scores/gradient.ts';
export { lamp, magnitude, randomScore } from './scores/magnitude.ts';
export type { Evidence, Score, Values } from './scores/score.ts';
export type { Convention } from './select.ts';
export { nOfM, slices } from './structures/along-axis.ts';
export { blocks } from './structures/blocks.ts';
export {
  unstructured,
  type Groups,
  type Reduction,
  type Structure
} from './structures/structure.ts';
export { attach, type Attached, type AttachOptions } from './training/attach.ts';
export {
  lotteryTicket,
  type LotteryOptions,
  type LotteryRound,
  type Ticket
} from './training/lottery.ts';
export { masking, masksOf, withMasks, type MaskingOptions } from './training/masking.ts';
export { pruning, type PruningOptions } from './training/pruning.ts';
export { rigl, sparsities, type RiglOptions } from './training/rigl.ts';
export { bnScale, type UnitOptions } from './removal/choose-units.ts';
export {
  removeChannels,
  type ChannelOptions,
  type LayerChannels,
  type Smaller
} from './removal/remove-channels.ts';
export {
  attentionHeads,
  denseUnits,
  removeUnits,
  type CoupledAxis,
  type Coupling,
  type RemoveUnitsOptions
} from './removal/remove-units.ts';
