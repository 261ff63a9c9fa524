import type { SensorDescription } from '../sensors/sensor.ts';

/** A reading that brought a new value, or the same one after a long time. */
export interface Beat {
  /** The read happened between these moments, in ns. */
  beforeNs: number;
  afterNs: number;
  /** The register as it was read, in microjoules. */
  raw: number;
  /** The update that brought the value happened for certain in [lo, hi], in ns. */
  lo: number;
  hi: number;
  /** It happened most likely in [from, to]. */
  from: number;
  to: number;
  /** How much of that time a read took in which the counter ticked, in ns. */
  tornNs?: number;
  /** Why the step to this beat cannot be trusted whatever it looks like. */
  mark?: string;
  /** The update came after this moment even if the counter stood still from then on, in ns. */
  unseenNs?: number;
  /** Reads before it saw the last beat's value for `ns`; the last of them began at `untilNs`. */
  still?: { ns: number; untilNs: number };
  /** The counter stood still before it, or after it, and caught up. */
  isCatchUp?: boolean;
}

/** What a counter may plausibly do. Microjoules, ns and watts. */
export type Limits = Pick<
  SensorDescription,
  'unitMicrojoules' | 'periodNs' | 'maxWatts' | 'minWatts' | 'wrapMicrojoules'
> & {
  /** Error of a reading's time beyond its own bounds. */
  slackNs: number;
  /** The meter itself counts, so nothing resets behind its back. */
  isOwn: boolean;
};

/** Why no step is believed over which time ran backwards. */
export const CLOCK_WENT_BACK = 'the clock went backwards';

/** How one step between two beats looks on its own. */
export interface Step {
  /** What the counter advanced if the step is believed, in microjoules. */
  advance: number;
  /** Bounds from the plausible power. */
  least: number;
  most: number;
  /** No plausible advance: it may belong to a freeze. */
  isStill: boolean;
  /** A fall that would be a wrap. */
  isWrap: boolean;
  /** Believed, refused, or believed only with evidence that the counter was not reset. */
  verdict: 'clean' | 'dirty' | 'needs-evidence';
  reason: string;
  /** How much less or more the truth may be when evidence was circumstantial, in microjoules. */
  doubtLow: number;
  doubtHigh: number;
}

/**
 * Judges one step by the power it would mean. A fall is a wrap only near the register's top, and a
 * value so small that a reset could have left it is believed with evidence only.
 */
export function judge(limits: Limits, a: Beat, b: Beat): Step {
  const { unitMicrojoules: unit, periodNs, maxWatts, minWatts, slackNs } = limits;
  const modulus = limits.wrapMicrojoules ?? Infinity;
  const longest = b.afterNs - a.beforeNs;
  const shortest = b.beforeNs - a.afterNs;
  const most = (maxWatts * (longest + periodNs + slackNs)) / 1e3 + 2 * unit;
  const least = (minWatts * Math.max(0, shortest - periodNs - slackNs)) / 1e3 - 2 * unit;
  const d = b.raw - a.raw;
  const isSentinel =
    !limits.isOwn && (isError(a.raw, modulus - unit) || isError(b.raw, modulus - unit));
  const isPlausible = d >= least && d <= most;
  const isStill = d <= 0 || !isPlausible || isSentinel || b.mark !== undefined;
  const step: Step = {
    advance: d,
    least,
    most,
    isStill,
    isWrap: false,
    verdict: 'dirty',
    reason: '',
    doubtLow: 0,
    doubtHigh: 0
  };
  if (b.mark !== undefined) return { ...step, reason: b.mark };
  if (isSentinel) return { ...step, reason: 'the register held a value that stands for an error' };
  if (!(longest > 0)) return { ...step, reason: CLOCK_WENT_BACK };
  if (most >= modulus) return { ...step, reason: 'too long between readings to count the wraps' };
  if (isPlausible && (limits.isOwn || b.raw > most)) {
    step.verdict = 'clean';
    return step;
  }
  if (isPlausible && d >= 0) {
    const reason = 'a reset could have left so small a value';
    return { ...step, verdict: 'needs-evidence', reason, doubtHigh: Math.max(0, most - d) };
  }
  const wrapped = d + modulus;
  if (d < 0 && wrapped >= least && wrapped <= most && a.raw >= modulus - most) {
    const reason = 'a wrap that could be a reset';
    const doubtLow = modulus - a.raw;
    return { ...step, advance: wrapped, isWrap: true, verdict: 'needs-evidence', reason, doubtLow };
  }
  const reason =
    d < 0 ? 'the counter was reset' : 'the counter moved as no plausible power explains';
  return { ...step, reason };
}

function isError(raw: number, top: number): boolean {
  return raw <= 0 || raw >= top;
}

/** Whether a counter of the same device advanced by a plausible power, far from where a reset ends. */
export function isAlive(limits: Limits, a: Beat, b: Beat): boolean {
  const { advance, least, most } = judge(limits, a, b);
  return advance > 0 && advance >= least && advance <= most && b.raw > most;
}

/**
 * Whether `advance` continues the steady power of the latest steps: each of them within 5 % of their
 * mean, the updates' own grain aside.
 */
export function isSteady(
  limits: Limits,
  steps: readonly { advance: number; ns: number }[],
  advance: number,
  ns: number
): boolean {
  let energy = 0;
  let time = 0;
  for (const step of steps) {
    energy += step.advance;
    time += step.ns;
  }
  const power = energy / time;
  if (!(power > 0)) return false;
  const fits = (microjoules: number, span: number) =>
    Math.abs(microjoules - power * span) <= steadyDoubt(limits, power, span);
  return fits(advance, ns) && steps.every(step => fits(step.advance, step.ns));
}

/** How far a step's energy may be from that of a steady power (microjoules per ns), in microjoules. */
export function steadyDoubt(limits: Limits, power: number, ns: number): number {
  return 0.05 * power * ns + 2 * power * limits.periodNs + 2 * limits.unitMicrojoules;
}
