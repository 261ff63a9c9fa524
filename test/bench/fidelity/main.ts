import type { BenchResult } from '../result.ts';
import { virtualFidelity } from './virtual.ts';

/**
 * How close the ledger comes to known truth. In virtual time, so that a million readings cost little; the number of
 * traces is $JOULEBOOK_TRACES (default 100,000).
 */
export function fidelity(): Promise<BenchResult[]> {
  const traces = Number(process.env['JOULEBOOK_TRACES'] ?? 100_000);
  return virtualFidelity({ traces });
}
