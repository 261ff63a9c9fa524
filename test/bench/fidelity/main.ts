import type { BenchResult } from '../result.ts';
import { liveFidelity } from './live.ts';
import { modelFidelity } from './model.ts';
import { whyNoSimulator } from './simulator.ts';
import { virtualFidelity } from './virtual.ts';

/**
 * How close the meter comes to known truth: its ledger in virtual time, so that a million readings
 * cost little, the model of machines without sensors, then the real daemon on a real kernel beside a simulated counter.
 *
 * - `$JOULEBOOK_TRACES`: counter traces in virtual time (default 100,000).
 * - `$JOULEBOOK_CELLS`: cells of each length in each live scenario (default 40); 0: no live part.
 */
export async function fidelity(): Promise<BenchResult[]> {
  const traces = Number(process.env['JOULEBOOK_TRACES'] ?? 100_000);
  const cells = Number(process.env['JOULEBOOK_CELLS'] ?? 40);
  const rows = modelFidelity();
  if (traces > 0) rows.push(...(await virtualFidelity({ traces })));
  if (!(cells > 0)) return rows;
  const missing = whyNoSimulator();
  if (missing) console.error(missing);
  return missing ? rows : [...rows, ...(await liveFidelity({ cells }))];
}
