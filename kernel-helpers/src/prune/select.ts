import type { Values } from './scores/score.ts';

/**
 * Where implementations of pruning differ.
 * `torch`: exactly round(n·s) are pruned; of equal scores the later go first.
 * `tfmot`: max(round(n·(1 − s)), 1) are kept, in float32, and all whose score equals the lowest of these with them.
 * Both round halves to even.
 */
export type Convention = 'torch' | 'tfmot';

/** How to count what goes. */
export interface Counting {
  /** Whose counts and ties. @default 'torch' */
  convention?: Convention;
  /** Whether torch's count is one of all, or of those whose score is not −Infinity. @default 'all' */
  of?: 'all' | 'remaining';
}

/**
 * Chooses what stays, at least one.
 * @param scores One number for each; −Infinity for what must go first.
 * @param sparsity Share to prune, from 0 up to 1.
 * @param counting How to count and what to do with equal scores.
 * @returns 1 for each that stays, 0 for each that goes.
 */
export function keepHighest(
  scores: Values,
  sparsity: number,
  { convention = 'torch', of = 'all' }: Counting = {}
): Uint8Array {
  const n = scores.length;
  if (convention === 'tfmot') {
    const share = Math.fround(1 - Math.fround(sparsity));
    const kept = Math.max(roundHalfToEven(Math.fround(n * share)), 1);
    const threshold = Float64Array.from(scores).sort()[n - kept]!;
    return Uint8Array.from(scores, score => Number(score >= threshold));
  }
  const gone = of === 'all' ? 0 : scores.filter(score => score === -Infinity).length;
  return dropLowest(scores, Math.min(gone + roundHalfToEven((n - gone) * sparsity), n - 1));
}

/**
 * Drops so many of the lowest; of equal scores the later go first.
 * @param scores One number for each.
 * @param count How many go.
 * @returns 1 for each that stays, 0 for each that goes.
 */
export function dropLowest(scores: Values, count: number): Uint8Array {
  const kept = new Uint8Array(scores.length).fill(1);
  if (count <= 0) return kept;
  const threshold = Float64Array.from(scores).sort()[Math.min(count, scores.length) - 1]!;
  let below = 0;
  for (const score of scores) if (score < threshold) below++;
  let atThreshold = count - below;
  for (let i = scores.length - 1; i >= 0; i--) {
    if (scores[i]! < threshold || (scores[i] === threshold && atThreshold-- > 0)) kept[i] = 0;
  }
  return kept;
}

/**
 * Rounds to the nearest whole number, halves to the even one, as Python and TensorFlow do.
 * @param value Any number.
 * @returns A whole number.
 */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
