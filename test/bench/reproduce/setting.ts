const words = (process.env.REPRODUCE ?? '').split(',');

/** How long the reproductions take: in full, with `$REPRODUCE=one-seed` a fifth, with `$REPRODUCE=small` a minute that only shows that they run. */
export const setting = {
  /** Whether steps are cut to a fiftieth. */
  small: words.includes('small'),
  /** Each result is the mean over these. */
  seeds: words.some(word => ['small', 'one-seed'].includes(word)) ? [1] : [1, 2, 3, 4, 5]
};

/** So many steps in full, a fiftieth in a small run. */
export function steps(full: number): number {
  return setting.small ? Math.max(2, Math.round(full / 50)) : full;
}

/**
 * Says what was cut against the paper.
 * @param paper Name of the paper.
 * @param cut What is shorter or different here.
 */
export function tellCut(paper: string, cut: string): void {
  console.log(`${paper}: cut against the paper: ${cut}`);
}
