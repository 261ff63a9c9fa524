/** An advance over some time, in microjoules and ns. */
export interface Advance {
  advance: number;
  ns: number;
}

/** A counter that stood still and then advanced, with what is known of the time around. */
export interface Stall extends Advance {
  /** The usual power before it, in watts. */
  usualWatts: number;
  before: readonly Advance[];
  /** The step in which it may have begun: its power may be lower than it was, never higher. */
  partly: readonly Advance[];
  after: readonly Advance[];
  /** Since the last look that saw it standing, in ns. */
  sinceStoodNs: number;
  /** What no plausible power exceeds. */
  maxWatts: number;
}

/** Less than this share of the power around is no catch-up. */
const CONSISTENT = 0.7;
const STEADY_STEPS = 3;
const STEADY_FACTOR = 1.5;
/** Over a longer time the power around tells nothing. */
const LONGEST_NS = 2.5e9;

/**
 * Whether an advance after a stall holds all of the stall's energy: the power around must be steady
 * enough to tell, and the mean power in the stall must not be far below it. A jump alone proves
 * nothing, since a counter may catch up with a part of what it missed. Some may have been lost all
 * the same: as much as the highest power around would have brought. Where the advance is so small
 * that the time since it stood may explain it, all of the stall's may be lost, at any power.
 * @returns Microjoules that may yet have been lost, or undefined: not believed.
 */
export function judgeCatchUp(stall: Stall, periodNs: number): number | undefined {
  const around = [...stall.before, ...stall.after];
  if (stall.before.length < STEADY_STEPS || stall.ns > LONGEST_NS) return undefined;
  const highest = Math.max(...[...around, ...stall.partly].map(one => meanWatts([one], periodNs)));
  const lowest = Math.min(...around.map(one => meanWatts([one], -Math.min(periodNs, one.ns))));
  // Powers near each other, as far as the updates' grain lets them be known.
  if (!(highest <= STEADY_FACTOR * lowest)) return undefined;
  const watts = (1e3 * stall.advance) / stall.ns;
  const means = [meanWatts(stall.before, periodNs), meanWatts(stall.after, periodNs)];
  if (!(watts >= CONSISTENT * Math.max(stall.usualWatts, ...means))) return undefined;
  const isCatchUp = 1e3 * stall.advance > stall.maxWatts * (stall.sinceStoodNs + periodNs);
  const most = isCatchUp ? Math.max(highest, ...means) : stall.maxWatts;
  return Math.max(0, (most * stall.ns) / 1e3 - stall.advance);
}

/** Mean power in watts if the updates took `moreNs` longer than it seems. */
function meanWatts(steps: readonly Advance[], moreNs: number): number {
  let advance = 0;
  let ns = moreNs;
  for (const step of steps) {
    advance += step.advance;
    ns += step.ns;
  }
  return (1e3 * advance) / ns;
}
