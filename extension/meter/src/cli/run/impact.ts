import { footprint, formatAmount, type Footprint, type ImpactNow } from 'kernel-helpers/impact';
import type { ApiClient } from '../../api/client.ts';
import type { Energy } from '../../execution.ts';

/** What a run means in carbon, water and money; null when the meter has gone meanwhile: the joules stand all the same. */
export async function impactOfRun(client: ApiClient, total: Energy): Promise<Footprint | null> {
  const now = await client.get<ImpactNow>('/v1/impact').catch(() => null);
  return now && footprint(total, now);
}

/** The carbon of a run in a line; empty without a grid zone, or where nothing was measured. */
export function carbonLine(impact: Footprint | null): string {
  const { carbon } = impact ?? {};
  if (!carbon) return '';
  const market = carbon.hasContract ? `; by contract ${formatAmount(carbon.market)}` : '';
  return `carbon ${formatAmount(carbon.location)} CO2e${market}`;
}
