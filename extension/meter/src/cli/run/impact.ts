import {
  figuresOf,
  footprint,
  formatAmount,
  type Footprint,
  type ImpactNow
} from 'kernel-helpers/impact';
import type { ApiClient } from '../../api/client.ts';
import { sumOf } from './notebook.ts';
import type { RunReport } from './report.ts';

/** What runs mean in carbon, water and money; null when the meter has gone meanwhile: the joules stand all the same. */
export async function impactOfRuns(
  client: ApiClient,
  reports: readonly RunReport[]
): Promise<Footprint | null> {
  const now = await client.get<ImpactNow>('/v1/impact').catch(() => null);
  const executions = reports.flatMap(({ cells }) => cells.flatMap(cell => cell.execution ?? []));
  return now && footprint(sumOf(reports), figuresOf(executions, now));
}

/** The carbon of a run in a line; empty without a grid zone, or where nothing was measured. */
export function carbonLine(impact: Footprint | null): string {
  const { carbon } = impact ?? {};
  if (!carbon) return '';
  const market = carbon.hasContract ? `; by contract ${formatAmount(carbon.market)}` : '';
  return `carbon ${formatAmount(carbon.location)} CO2e${market}`;
}
