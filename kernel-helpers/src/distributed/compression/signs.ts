import type { Group } from '../group.ts';
import { sizeOfParts, withFeedback, type Compression, type Part } from './compression.ts';

/**
 * One bit a number and one scale of 4 bytes a tensor, with error feedback: EF-signSGD.
 * @returns The compression; the scale is a tensor's mean magnitude.
 * @see Karimireddy et al. 2019, arXiv:1901.09847, algorithm 1
 */
export function signs(): Compression {
  return {
    name: 'signs',
    start(parts) {
      const size = sizeOfParts(parts);
      return withFeedback(size, (group, wanted) => sendSigns(group, parts, wanted));
    }
  };
}

/**
 * What most workers say of each number's sign: one bit a number, and no magnitude; a tie counts as 1. Nothing is fed back, so that
 * the published counter-examples to signSGD hold; use it with `sgd` and a small rate.
 * @returns The compression, whose means are −1 and 1.
 * @see Bernstein et al. 2018, arXiv:1802.04434, section 3.2
 */
export function majorityVote(): Compression {
  return {
    name: 'majorityVote',
    start: () => ({
      async mean(group, gradient) {
        const all = await group.allGather(packSigns(gradient));
        const words = all.length / group.size;
        return gradient.map((_, i) => {
          let votes = 0;
          for (let worker = 0; worker < group.size; worker++) {
            votes += signAt(all, 32 * words * worker + i);
          }
          return votes >= 0 ? 1 : -1;
        });
      }
    })
  };
}

/**
 * Sends signs and scales, and averages what arrives.
 * @param group The workers.
 * @param parts The tensors.
 * @param wanted What to send, flat.
 * @returns The mean of what all sent, and what this worker's message says.
 */
export async function sendSigns(
  group: Group,
  parts: readonly Part[],
  wanted: Float32Array
): Promise<{ mean: Float32Array; sent: Float32Array }> {
  const bits = packSigns(wanted);
  const message = new Int32Array(parts.length + bits.length);
  new Float32Array(message.buffer, 0, parts.length).set(parts.map(part => scaleOf(wanted, part)));
  message.set(bits, parts.length);
  const all = await group.allGather(message);
  const sent = read(message, parts, new Float32Array(wanted.length), 1);
  const mean = new Float32Array(wanted.length);
  for (let from = 0; from < all.length; from += message.length) {
    read(all.slice(from, from + message.length), parts, mean, group.size);
  }
  return { mean, sent };
}

function read(
  message: Int32Array,
  parts: readonly Part[],
  into: Float32Array,
  workers: number
): Float32Array {
  const scales = new Float32Array(message.buffer, message.byteOffset, parts.length);
  const bits = message.subarray(parts.length);
  parts.forEach(({ from, size }, part) => {
    const scale = scales[part]! / workers;
    for (let i = from; i < from + size; i++) into[i]! += scale * signAt(bits, i);
  });
  return into;
}

function scaleOf(values: Float32Array, { from, size }: Part): number {
  let sum = 0;
  for (let i = from; i < from + size; i++) sum += Math.abs(values[i]!);
  return size === 0 ? 0 : sum / size;
}

/** 32 signs to a word, the first in the lowest bit, 1 for at least 0. */
function packSigns(values: Float32Array): Int32Array {
  const words = new Int32Array(Math.ceil(values.length / 32));
  for (let i = 0; i < values.length; i++) if (values[i]! >= 0) words[i >> 5]! |= 1 << (i & 31);
  return words;
}

function signAt(words: Int32Array, index: number): 1 | -1 {
  return (words[index >> 5]! >> (index & 31)) & 1 ? 1 : -1;
}
