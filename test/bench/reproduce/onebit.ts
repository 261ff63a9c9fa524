import type { BenchResult } from '../result.ts';
import { counterExamples, oneBitAdamVolume } from './onebit-gradients.ts';
import { binaryMnist } from './onebit-mnist.ts';
import { packedSpeed } from './onebit-speed.ts';

/** One-bit learning: gradients of one bit, weights of one bit, and what they save. */
export async function onebit(): Promise<BenchResult[]> {
  return [
    ...(await packedSpeed()),
    ...counterExamples(),
    ...(await oneBitAdamVolume()),
    ...(await binaryMnist())
  ];
}
