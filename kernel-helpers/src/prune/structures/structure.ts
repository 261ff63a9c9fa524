/** How the scores of a group's weights make its own: the L-p norm for a number p (Infinity: the largest), or their mean or sum. */
export type Reduction = number | 'mean' | 'sum';

/** Which weights go together. */
export interface Groups {
  /** Group of each weight, counted from 0. */
  readonly of: Int32Array;
  /** How many groups there are. */
  readonly count: number;
}

/** What is pruned at once: single weights, or groups of them. */
export interface Structure {
  /** Name of the structure. */
  readonly name: string;
  /**
   * Sorts the weights of a tensor into groups.
   * @param shape The tensor's shape.
   * @param path Its path, for messages.
   * @returns The groups; null when each weight stands alone.
   */
  groupsOf(shape: readonly number[], path: string): Groups | null;
  /** How a group's score comes from its weights'. */
  readonly reduction: Reduction;
  /** Set where each group keeps so many of its weights and no group is pruned as a whole. */
  readonly keepInGroup?: number;
}

/**
 * Single weights.
 * @returns A structure.
 */
export function unstructured(): Structure {
  return { name: 'unstructured', groupsOf: () => null, reduction: 'sum' };
}

/**
 * Scores groups.
 * @param scores Scores of the weights.
 * @param groups Their groups.
 * @param reduction How to reduce.
 * @returns One score for each group.
 */
export function reduceScores(
  scores: Float32Array | Float64Array,
  { of, count }: Groups,
  reduction: Reduction
): Float64Array {
  const reduced = new Float64Array(count);
  if (reduction === Infinity) {
    reduced.fill(-Infinity);
    of.forEach((group, i) => (reduced[group] = Math.max(reduced[group]!, scores[i]!)));
    return reduced;
  }
  const power = typeof reduction === 'number' ? reduction : 1;
  const members = new Float64Array(count);
  of.forEach((group, i) => {
    reduced[group]! += power === 1 ? scores[i]! : Math.abs(scores[i]!) ** power;
    members[group]! += 1;
  });
  if (reduction === 'mean') return reduced.map((sum, group) => sum / members[group]!);
  return power === 1 ? reduced : reduced.map(sum => sum ** (1 / power));
}
