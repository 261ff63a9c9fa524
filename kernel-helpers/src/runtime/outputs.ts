import type { GraphOutput } from './declarations.ts';

/**
 * A C array of TF_Output.
 * @param outputs Outputs of operations.
 * @returns Their bytes: 16 an output; never empty, so that its memory has an address.
 */
export function encodeOutputs(outputs: readonly GraphOutput[]): Buffer {
  const bytes = Buffer.alloc(16 * Math.max(1, outputs.length));
  outputs.forEach(({ operation, index }, i) => {
    bytes.writeBigUInt64LE(BigInt(operation), 16 * i);
    bytes.writeInt32LE(index, 16 * i + 8);
  });
  return bytes;
}

/**
 * Reads a 64-bit pointer without making a bigint of it.
 * @param words The memory, as 32-bit words.
 * @param index Which pointer, from 0.
 * @returns The address.
 */
export function addressAt(words: Uint32Array, index: number): number {
  return words[2 * index]! + words[2 * index + 1]! * 2 ** 32;
}
