import type { BenchResult } from '../result.ts';
import { liveFidelity } from './live.ts';
import { modelFidelity } from './model.ts';
import { whyNoSimulator } from './simulator.ts';
import { virtualFidelity } from './virtual.ts';

/**
 * How close the meter comes to known truth: its ledger in virtual time, so that a million readings
 * cost little, the model of machines without sensors, then the real daemon on a real kernel beside a simulated counter.
 *
 * - `$JOULEBOOK_TRACES`: counter traces in virtual time (default 1,000,000: three minutes).
 * - `$JOULEBOOK_SEED`: another set of traces, windows and tenants (default 1).
 * - `$JOULEBOOK_CELLS`: cells of each length in each live scenario (default 40); 0: no live part.
 * - `$JOULEBOOK_LIVE`: only the live scenarios whose name holds this, such as `queued`.
 */
export async function fidelity(): Promise<BenchResult[]> {
  const traces = Number(process.env['JOULEBOOK_TRACES'] ?? 1_000_000);
  const seed = Number(process.env['JOULEBOOK_SEED'] ?? 1);
  const cells = Number(process.env['JOULEBOOK_CELLS'] ?? 40);
  const rows = modelFidelity();
  if (traces > 0) rows.push(...(await virtualFidelity({ traces, seed })));
  if (!(cells > 0)) return rows;
  const missing = whyNoSimulator();
  if (missing) console.error(missing);
  return missing
    ? rows
    : [...rows, ...(await liveFidelity({ cells, only: process.env['JOULEBOOK_LIVE'] ?? '' }))];
}
