import type { BenchResult } from '../result.ts';
import type { Run } from './child.ts';

/** Something that runs steps of one task. */
export interface Side {
  run(steps: number): Promise<Run> | Run;
  /** Ends what goes on in the background. */
  settle?(): Promise<void>;
}

/** Milliseconds a step of each round. */
export interface Times {
  readonly ours: number[];
  readonly other: number[];
}

/** Whether two sides that have taken the same steps agree; throws when they do not. */
type Agreement = (ours: Run, other: Run) => void;

/** How long one round of one side takes at most, in milliseconds. */
const roundMs = 300;

/** Runs two sides by turns, so that what else the machine does meets both. */
export async function interleave(
  ours: Side,
  other: Side,
  rounds: number,
  agree?: Agreement
): Promise<Times> {
  const [ourFirst, otherFirst] = [await ours.run(3), await other.run(3)];
  agree?.(ourFirst, otherFirst);
  await ours.settle?.();
  const { ms } = await ours.run(3);
  await other.run(3);
  const steps = Math.min(1000, Math.max(2, Math.round((3 * roundMs) / ms)));
  const times: Times = { ours: [], other: [] };
  for (let round = 0; round < rounds; round++) {
    times.ours.push((await ours.run(steps)).ms / steps);
    times.other.push((await other.run(steps)).ms / steps);
  }
  return times;
}

/** For sides that start from the same parameters. */
export function sameLoss(ours: Run, other: Run): void {
  const tolerance = 1e-2 * Math.abs(other.loss) + 1e-3;
  if (Math.abs(ours.loss - other.loss) <= tolerance) return;
  throw new Error(`expected the other side's loss ${other.loss} after 3 steps, got ${ours.loss}`);
}

/** For sides that draw their own parameters: ten classes to tell apart start at about log 10. */
export function bothFall(ours: Run, other: Run): void {
  for (const { loss } of [ours, other]) {
    if (!(loss > 0 && loss < 2 * Math.log(10))) throw new Error(`the loss is ${loss}`);
  }
}

/** One row: medians, and the median of the rounds' ratios. */
export function row(name: string, times: Times, goal: number, unit = 'ms'): BenchResult {
  const ratio = median(times.ours.map((ms, round) => ms / times.other[round]!));
  return {
    name,
    ours: median(times.ours),
    other: median(times.other),
    ratio,
    unit,
    goal: `at most ${goal}`,
    met: ratio <= goal
  };
}

/** The row of a side that cannot run here. */
export function missing(name: string, goal: number, error: unknown): BenchResult {
  console.warn(`${name}\n${(error as Error).message}`);
  const absent = { ours: NaN, other: null, ratio: null, unit: 'ms' };
  return { name, ...absent, goal: `at most ${goal}`, met: false };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
