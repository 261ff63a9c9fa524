import type { BenchResult } from '../result.ts';
import { missingDigit } from './distill-digit.ts';

/** Distillation: what a student takes over from its teacher. */
export async function distillation(): Promise<BenchResult[]> {
  return missingDigit();
}
