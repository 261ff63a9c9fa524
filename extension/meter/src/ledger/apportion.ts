/**
 * Splits an integer by weights into integers that add up to it exactly: each part is its exact share
 * rounded down or up, the largest remainders first (Hamilton's method).
 * @param total A safe integer, at least 0.
 * @param weights At least one, none negative; when all are 0 the last part takes everything.
 */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (!(sum > 0)) return weights.map((_, i) => (i === weights.length - 1 ? total : 0));
  const shares = weights.map(weight => (total / sum) * weight);
  const parts = shares.map(share => Math.min(total, Math.floor(share)));
  let rest = total - parts.reduce((a, b) => a + b, 0);
  const order = shares
    .map((share, i) => ({ i, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (let turn = 0; rest !== 0; turn = (turn + 1) % order.length) {
    const i = order[turn]!.i;
    const step = rest > 0 ? 1 : parts[i]! > 0 ? -1 : 0;
    parts[i]! += step;
    rest -= step;
  }
  return parts;
}
