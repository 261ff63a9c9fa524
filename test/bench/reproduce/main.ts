import { useTensorFlow } from 'kernel-helpers';
import { startMeter } from '../helpers/meter.ts';
import type { BenchResult } from '../result.ts';
import { setting } from './setting.ts';

/** Papers by name; each file is loaded only when it is asked for. */
const papers = {
  pruning: async () => (await import('./pruning.ts')).pruning,
  onebit: async () => (await import('./onebit.ts')).onebit,
  distill: async () => (await import('./distill.ts')).distillation
} satisfies Record<string, () => Promise<() => Promise<BenchResult[]>>>;

/** What the papers of one kind found, found again. `$REPRODUCE=small` is a quick run of one seed. */
export async function reproduce(kind: keyof typeof papers): Promise<BenchResult[]> {
  const { description } = await useTensorFlow();
  console.log(`computing with ${description}; seeds ${setting.seeds.join(', ')}`);
  const meter = await startMeter();
  try {
    const run = await papers[kind]();
    return await run();
  } finally {
    await meter.stop();
  }
}
