import type { Star } from './star.ts';

/** Milliseconds between two looks at the other workers. */
const lookMs = 50;

/** What a worker sees of the others of a group. */
export interface Sight {
  /** Whether none of them is lost. */
  readonly areThere: () => boolean;
  /** Whether all of them were heard: from now on their silence is a loss. */
  readonly areHeard: () => boolean;
}

/**
 * Waits until all workers of a group that was agreed on are ready: nobody starts an operation before the others can be reached, and
 * would be missed.
 * @param star The group's lines; nobody else listens while this waits.
 * @param isFirst Whether this is the first worker, which collects what the others say.
 * @param sight What this worker sees of the others.
 * @returns False when one of them is lost: then the group comes to nothing.
 */
export function areAllReady(star: Star, isFirst: boolean, sight: Sight): Promise<boolean> {
  return new Promise(resolve => {
    const awaited = new Set(isFirst ? star.others : []);
    let isReady = false;
    const look = (): void => {
      if (!sight.areThere()) return end(false);
      if (!isReady && sight.areHeard()) {
        isReady = true;
        if (!isFirst) star.send({ type: 'ready' });
      }
      if (!isFirst || !isReady || awaited.size > 0) return;
      star.send({ type: 'go' });
      end(true);
    };
    const timer = setInterval(look, lookMs);
    const end = (outcome: boolean): void => {
      clearInterval(timer);
      star.pause();
      resolve(outcome);
    };
    star.listen(
      ({ type }, from) => {
        if (type === 'go') return end(true);
        if (type === 'ready') awaited.delete(from);
        look();
      },
      () => end(false)
    );
    look();
  });
}
