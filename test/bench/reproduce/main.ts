import { useTensorFlow } from 'kernel-helpers';
import { startMeter } from '../helpers/meter.ts';
import type { BenchResult } from '../result.ts';
import { setting } from './setting.ts';

/** Papers by name; each file is loaded only when it is asked for. */
const papers: Record<string, () => Promise<() => Promise<BenchResult[]>>> = {
  pruning: async () => (await import('./pruning.ts')).pruning,
  onebit: async () => (await import('./onebit.ts')).onebit,
  distill: async () => (await import('./distill.ts')).distillation
};

/** What the papers found, found again. `$REPRODUCE` names one of them alone, or `small` for a quick run of one seed. */
export async function reproduce(): Promise<BenchResult[]> {
  const { description } = await useTensorFlow();
  console.log(`computing with ${description}; seeds ${setting.seeds.join(', ')}`);
  const meter = await startMeter();
  const results: BenchResult[] = [];
  try {
    for (const [name, load] of Object.entries(papers)) {
      if (!setting.only || setting.only === name) results.push(...(await (await load())()));
    }
  } finally {
    await meter.stop();
  }
  return results;
}
