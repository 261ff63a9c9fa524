import type { Compression } from './compression.ts';

/**
 * Half precision: 2 bytes a number, and sums in half precision too. Numbers beyond 65,504 become infinite, as in mixed-precision training.
 * @returns The compression.
 * @see IEEE 754-2019, binary16
 */
export function half(): Compression {
  return {
    name: 'half',
    start: () => ({
      async mean(group, gradient) {
        const share = gradient.map(x => x / group.size);
        return fromHalf(await group.allReduce(toHalf(share)));
      }
    })
  };
}

/**
 * Rounds to half precision, to the nearest and of two equally near to the even one.
 * @param values Numbers.
 * @returns Their bits in half precision.
 */
export function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(
    bits,
    (word, i) => ((word >>> 16) & 0x8000) | magnitude(word & 0x7fffffff, values[i]!)
  );
}

/**
 * Reads half precision.
 * @param halves Bits in half precision.
 * @returns The numbers, exactly.
 */
export function fromHalf(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, word => {
    const [exponent, fraction] = [(word >> 10) & 0x1f, word & 0x3ff];
    const sign = word & 0x8000 ? -1 : 1;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** The 15 bits behind the sign, from the 31 of single precision. */
function magnitude(word: number, value: number): number {
  if (word > 0x7f800000) return 0x7e00; // NaN
  if (word >= 0x477ff000) return 0x7c00; // rounds to infinity
  if (word < 0x38800000) return roundToEven(Math.abs(value) * 2 ** 24); // subnormal: a multiple of 2^-24
  const rounded = word + 0xfff + ((word >>> 13) & 1);
  return (rounded - 0x38000000) >>> 13;
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
