import type { Beat, Limits, Step } from './steps.ts';

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
  after: readonly Advance[];
}

/** Less than this share of the power around is no catch-up. */
const CONSISTENT = 0.5;
const STEADY_STEPS = 3;
const STEADY_FACTOR = 2;

/**
 * Whether an advance after a stall holds all of the stall's energy. More since the last read before
 * it than any plausible power brings proves that energy was caught up: then the mean power must not
 * be far below that on both sides. Without this proof it must not be far below that on any side,
 * and the power around must be steady enough to tell.
 * @returns Microjoules that may yet have been lost, or undefined: not believed.
 */
export function judgeCatchUp(
  limits: Limits,
  step: Step,
  beat: Beat,
  stall: Stall
): number | undefined {
  const { periodNs, maxWatts, slackNs, unitMicrojoules } = limits;
  const watts = (1e3 * step.advance) / stall.ns;
  const after = meanWatts(stall.after, periodNs);
  const sinceNs = beat.afterNs - (beat.still?.untilNs ?? beat.afterNs);
  const most = (maxWatts * (sinceNs + periodNs + slackNs)) / 1e3 + 2 * unitMicrojoules;
  if (step.advance > most) {
    return watts >= CONSISTENT * Math.min(stall.usualWatts, after) ? 0 : undefined;
  }
  const around = [...stall.before, ...stall.after];
  if (stall.before.length < STEADY_STEPS || !isSteady(around, periodNs)) return undefined;
  const before = meanWatts(stall.before, periodNs);
  if (!(watts >= CONSISTENT * Math.max(stall.usualWatts, before, after))) return undefined;
  const peak = Math.max(before, after, ...around.map(one => meanWatts([one], periodNs)));
  return Math.max(0, (peak * stall.ns) / 1e3 - step.advance);
}

/** Powers within a factor of two of each other, as far as the updates' grain lets them be known. */
function isSteady(steps: readonly Advance[], periodNs: number): boolean {
  const least = steps.map(step => meanWatts([step], periodNs));
  const most = steps.map(step => meanWatts([step], -Math.min(periodNs, step.ns)));
  return Math.max(...least) <= STEADY_FACTOR * Math.min(...most);
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
