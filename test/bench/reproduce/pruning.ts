import type { BenchResult } from '../result.ts';
import { channels } from './pruning-channels.ts';
import { han } from './pruning-han.ts';
import { lottery } from './pruning-lottery.ts';
import { maskCost } from './pruning-masks.ts';
import { patterns } from './pruning-patterns.ts';

/** Pruning: what it costs in accuracy, and what it saves. */
export async function pruning(): Promise<BenchResult[]> {
  return [
    ...(await maskCost()),
    ...(await channels()),
    ...(await han()),
    ...(await patterns()),
    ...(await lottery())
  ];
}
