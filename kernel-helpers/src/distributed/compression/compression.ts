import type { Group } from '../group.ts';

/** Where each tensor stands in the flat gradient. */
export interface Part {
  readonly from: number;
  readonly size: number;
  readonly shape: readonly number[];
}

/** One run's way of averaging gradients with fewer bytes; it remembers what it did not send. */
export interface CompressedMean {
  /**
   * Averages over the workers of a group.
   * @param group The workers.
   * @param gradient This worker's gradient, flat; it may be overwritten.
   * @returns What all workers take for the mean, the same on each.
   */
  mean(group: Group, gradient: Float32Array): Promise<Float32Array>;
}

/** A way of averaging gradients with fewer bytes. */
export interface Compression {
  /** Its name. */
  readonly name: string;
  /** Starts with nothing left over; `parts` are the gradient's tensors in order. */
  start(parts: readonly Part[]): CompressedMean;
}

/**
 * Keeps what a lossy message did not say, and adds it to the next one.
 * @param size How many numbers.
 * @param send Exchanges what is wanted; gives the mean of what arrived, and what of its own arrived.
 * @returns A mean with error feedback.
 * @see Karimireddy et al. 2019, arXiv:1901.09847, algorithm 2
 */
export function withFeedback(
  size: number,
  send: (group: Group, wanted: Float32Array) => Promise<{ mean: Float32Array; sent: Float32Array }>
): CompressedMean {
  const error = new Float32Array(size);
  return {
    async mean(group, gradient) {
      for (let i = 0; i < size; i++) gradient[i]! += error[i]!;
      const { mean, sent } = await send(group, gradient);
      for (let i = 0; i < size; i++) error[i] = gradient[i]! - sent[i]!;
      return mean;
    }
  };
}

/**
 * How many numbers the parts have together.
 * @param parts Tensors of a gradient.
 * @returns The sum of their sizes.
 */
export function sizeOfParts(parts: readonly Part[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}
