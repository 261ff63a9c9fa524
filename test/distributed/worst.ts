/** The greatest difference between numbers and those in the same places. */
export function worst(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
}
