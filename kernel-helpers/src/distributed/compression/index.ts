/**
 * Ways of averaging gradients with fewer bytes.
 * @module
 */
export type { CompressedMean, Compression, Part } from './compression.ts';
export { half } from './half.ts';
export { oneBitMomentum, type OneBitMomentumOptions } from './one-bit-momentum.ts';
export { powerSgd, type PowerSgdOptions } from './power-sgd.ts';
export { majorityVote, signs } from './signs.ts';
export { topK } from './top-k.ts';
