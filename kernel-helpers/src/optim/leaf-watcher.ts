import type { Tensor } from '@tensorflow/tfjs';

/** Watches computations that go leaf by leaf, and may put a stand-in for a result: so a recorded step gets an optimiser's numbers quickly. */
export interface LeafWatcher {
  /** Leaves follow that are computed alike. */
  leavesBegin(): void;
  /** Gives the result of one leaf. */
  leaf(compute: () => Tensor): Tensor;
}

let current: LeafWatcher | undefined;

/**
 * Whoever watches now.
 * @returns The watcher; undefined while nobody watches.
 */
export function leafWatcher(): LeafWatcher | undefined {
  return current;
}

/**
 * Works under the eyes of a watcher.
 * @param watcher Sees each leaf.
 * @param work What to do meanwhile, synchronously.
 * @returns What `work` returns.
 */
export function watchLeaves<T>(watcher: LeafWatcher, work: () => T): T {
  const before = current;
  current = watcher;
  try {
    return work();
  } finally {
    current = before;
  }
}
