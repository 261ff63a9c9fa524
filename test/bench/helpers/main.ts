import { useWasm } from 'kernel-helpers';
import type { BenchResult } from '../result.ts';
import { bundleSize } from './bundle.ts';
import { compiledSteps } from './compiled.ts';
import { exactness } from './exactness.ts';
import { startMeter } from './meter.ts';
import { stepCost } from './steps.ts';
import { toTarget } from './targets.ts';

/** The results that issue 8 asks for: joules to a target, exactness, the cost of a step. */
export async function helpers(): Promise<BenchResult[]> {
  await useWasm();
  const meter = await startMeter();
  try {
    return [
      ...(await exactness()),
      ...(await stepCost()),
      ...(await bundleSize()),
      ...(await toTarget()),
      ...(await compiledSteps())
    ];
  } finally {
    await meter.stop();
  }
}
