/** A stream of random numbers that a seed fixes. */
export interface Random {
  /** The next number, from 0 up to 1. */
  readonly uniform: () => number;
  /** The next number from the standard normal distribution. */
  readonly normal: () => number;
}

/**
 * Random numbers that are the same for the same seed on every machine. Not for secrets.
 * @param seed A whole number; only its lowest 32 bits count.
 * @returns A stream of its own.
 * @see Marsaglia 2003, "Xorshift RNGs", for the generator; Box and Muller 1958 for the normal numbers
 */
export function random(seed: number): Random {
  // Seeds that differ by one bit must not start similar streams, and 0 would stay 0.
  let state = scramble(seed) || 0x9e3779b9;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

/**
 * The numbers from 0 to `count − 1` in random order.
 * @param count How many.
 * @param seed Fixes the order.
 * @returns A permutation.
 */
export function permutation(count: number, seed: number): Int32Array {
  const { uniform } = random(seed);
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/**
 * A seed for one of many streams that belong together, such as the epochs of a run.
 * @param seed The seed of them all.
 * @param stream Number of the stream.
 * @returns A seed.
 */
export function streamSeed(seed: number, stream: number): number {
  return scramble(scramble(seed) + stream);
}

/** Mixes the bits of a number: each bit of the input changes about half of the output's. */
function scramble(value: number): number {
  let bits = (value | 0) + 0x6d2b79f5;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return bits ^ (bits >>> 15);
}
