import { checkNumber } from '../../errors.ts';
import { sizeOfParts, withFeedback, type Compression } from './compression.ts';

/**
 * The largest numbers alone, with error feedback: 8 bytes for each of them.
 * @param share Which share of all numbers is sent, above 0 and at most 1; at least one number is.
 * @returns The compression.
 * @throws HelperError `input/value` for another share.
 * @see Stich et al. 2018, arXiv:1809.07599; Lin et al. 2018, arXiv:1712.01887
 */
export function topK(share: number): Compression {
  checkNumber('share', share, { above: 0, to: 1 });
  return {
    name: `topK(${share})`,
    start(parts) {
      const size = sizeOfParts(parts);
      const count = Math.max(1, Math.round(share * size));
      return withFeedback(size, async (group, wanted) => {
        const chosen = largest(wanted, count);
        const message = new Int32Array(2 * count);
        const values = new Float32Array(message.buffer, 4 * count, count);
        message.set(chosen);
        chosen.forEach((at, i) => (values[i] = wanted[at]!));
        const all = await group.allGather(message);
        const sent = scatter(message, count, size, new Float32Array(size), 1);
        const mean = new Float32Array(size);
        for (let from = 0; from < all.length; from += 2 * count) {
          scatter(all.slice(from, from + 2 * count), count, size, mean, group.size);
        }
        return { mean, sent };
      });
    }
  };
}

/** Adds a message's values, divided by `workers`, to a flat gradient. */
function scatter(
  message: Int32Array,
  count: number,
  size: number,
  into: Float32Array,
  workers: number
): Float32Array {
  const values = new Float32Array(message.buffer, message.byteOffset + 4 * count, count);
  for (let i = 0; i < count; i++) {
    const at = message[i]!;
    if (at < size) into[at]! += values[i]! / workers;
  }
  return into;
}

/** Indexes of the numbers of largest magnitude, what is no number first; of equal ones, the first. */
export function largest(values: Float32Array, count: number): Int32Array {
  // A NaN must reach the others, as it would without compression; nothing equals it, so it is sorted as infinite.
  const magnitudes = values.map(value => (Number.isNaN(value) ? Infinity : Math.abs(value)));
  const limit = magnitudes.slice().sort()[values.length - count]!;
  const chosen = new Int32Array(count);
  let next = 0;
  for (let i = 0; i < values.length; i++) if (magnitudes[i]! > limit) chosen[next++] = i;
  for (let i = 0; next < count; i++) if (magnitudes[i] === limit) chosen[next++] = i;
  return chosen;
}
