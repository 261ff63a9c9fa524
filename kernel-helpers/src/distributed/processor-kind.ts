import { createHash } from 'node:crypto';
import { cpus } from 'node:os';

/** How many kinds are told apart: their squares, summed over thousands of workers, are exact in float32. */
const kinds = 64;

let known: number | undefined;

/**
 * The kind of this machine's processors: XLA compiles for them, so that what it computes need not be equal, bit for bit, on another kind.
 * @returns A number from 1 to 64, the same for processors of one model; two models share one by chance in one case of 64.
 */
export function processorKind(): number {
  const model = cpus()[0]?.model ?? process.arch;
  known ??= 1 + (createHash('sha256').update(model).digest()[0]! % kinds);
  return known;
}
