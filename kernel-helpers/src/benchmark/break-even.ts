import type { Energy } from '../energy.ts';
import { HelperError } from '../errors.ts';

/** A way to do something: what it costs to get there, and what each use costs then. */
export interface MeasuredWay {
  /** Spent once, such as on distilling; missing or undefined: nothing. */
  readonly once?: Energy;
  /** Spent by each use, such as one inference. */
  readonly perUse: Energy;
}

/** From how many uses on a way pays. */
export interface BreakEven {
  /** Best estimate of the number of uses; null: never. */
  readonly uses: number | null;
  /** The least it may be. */
  readonly low: number;
  /** The most it may be; null: it may never pay. */
  readonly high: number | null;
  /** In a sentence. */
  readonly text: string;
}

/**
 * From how many uses on a thriftier way has paid for what it cost once: `(once_b − once_a) / (perUse_a − perUse_b)`.
 * One-bit against float, pruned against dense, distilled against teacher: each is two measured runs.
 * @param from The way as it was.
 * @param to The way that costs something once and should cost less each time.
 * @returns Whole numbers of uses with a range from the ends of the intervals; null where it never pays.
 * @throws HelperError `energy/missing` when an energy per use is not known.
 */
export function breakEven(from: MeasuredWay, to: MeasuredWay): BreakEven {
  const once = minus(ends(to.once), ends(from.once));
  const saved = minus(needed(from.perUse, 'from'), needed(to.perUse, 'to'));
  const uses = usesOf(once.value, saved.value);
  const low = usesOf(once.low, saved.high) ?? 0;
  const high = usesOf(once.high, saved.low);
  return { uses, low: saved.high > 0 ? low : Infinity, high, text: textOf(uses, low, high) };
}

interface Ends {
  value: number;
  low: number;
  high: number;
}

function ends(energy: Energy | undefined): Ends {
  const { joules, low, high } = energy ?? { joules: 0, low: 0, high: 0 };
  const value = joules ?? 0;
  return { value, low: low ?? value, high: high ?? value };
}

function needed(energy: Energy, which: string): Ends {
  if (energy.kind !== 'missing' && energy.joules !== null) return ends(energy);
  throw new HelperError(
    'energy/missing',
    `the energy per use of "${which}" is not known (${energy.reason ?? 'no reading'}); joulebook doctor says what is missing`
  );
}

function minus(a: Ends, b: Ends): Ends {
  return { value: a.value - b.value, low: a.low - b.high, high: a.high - b.low };
}

function usesOf(once: number, savedPerUse: number): number | null {
  if (once <= 0 && savedPerUse >= 0) return 0;
  return savedPerUse > 0 ? Math.ceil(once / savedPerUse) : null;
}

function textOf(uses: number | null, low: number, high: number | null): string {
  const write = (count: number) => Number(count.toPrecision(3)).toLocaleString('en');
  if (uses === null) return 'never pays: a use saves nothing';
  const to = high === null ? 'perhaps never' : write(high);
  return `pays from ${write(uses)} uses on (${write(low)} to ${to})`;
}
