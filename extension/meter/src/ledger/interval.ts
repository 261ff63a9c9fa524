import type { SensorDescription } from '../sensors/sensor.ts';
import type { Widths } from './calibration.ts';
import { type EdgeEstimate, type Variances, variancesBetween } from './edges.ts';
import type { SettledEdge } from './track.ts';
import type { SensorEnergy } from './types.ts';
import type { Tally } from './windows.ts';

/** What a window's interval rests on. */
export interface Measured {
  description: SensorDescription;
  start: SettledEdge;
  end: SettledEdge;
  tally: Tally;
  /** Time in the window about which nothing is known. */
  missingNs: number;
  clockErrorNs: number;
  /** Half widths of the counter's part of the interval, in standard deviations. */
  widths: Widths;
}

/** Half widths of a 95 % interval in standard deviations: the counter's errors have bounds. */
const CLOCK_WIDTH = 2.06;
const ATTRIBUTION_WIDTH = 1.96;

/**
 * A window's energy with its interval: the edges' errors, cut to what the counter's own updates
 * allow for certain, with the attribution's. What a gap may hide at most is above the value.
 */
export function energyOf(measured: Measured): SensorEnergy {
  const { description, tally, missingNs, start, end } = measured;
  const { relativeLow = 1, relativeHigh = 1, maxWatts } = description;
  const machine = machineInterval(measured);
  // A model splits by CPU time because it is made so; what it gets wrong is in its relative bounds.
  const attribution = description.kind === 'modelled' ? 0 : ATTRIBUTION_WIDTH * tally.deviation;
  const low = Math.max(0, tally.microjoules - Math.hypot(machine.below, attribution));
  const above = Math.hypot(machine.above, attribution);
  const most = Math.max(tally.microjoules, end.microjoules - start.microjoules + machine.above);
  const high =
    Math.min(most, tally.microjoules + above) * relativeHigh + (maxWatts * missingNs) / 1e3;
  return {
    sensorId: description.id,
    domain: description.domain,
    kind: description.kind,
    contained: description.contained,
    microjoules: tally.microjoules,
    lowMicrojoules: Math.floor(low * relativeLow),
    highMicrojoules: Math.ceil(high),
    idleMicrojoules: Math.round(tally.idle),
    below: !(low > 0)
  };
}

/** How far below and above the whole machine's energy in the window may lie. */
function machineInterval({ description, start, end, clockErrorNs, widths }: Measured): {
  below: number;
  above: number;
} {
  const value = end.microjoules - start.microjoules;
  const { unitMicrojoules } = description;
  const context = { clockErrorNs, unitMicrojoules };
  const { clock, counter } = variancesOf(start.estimate, end.estimate, context);
  const isChecked = start.estimate?.closure !== undefined && end.estimate?.closure !== undefined;
  const counterWidth = isChecked ? widths.checked : widths.unchecked;
  const isUncertain = start.estimate?.isCatchUp || end.estimate?.isCatchUp;
  const width = isUncertain
    ? Infinity
    : Math.hypot(CLOCK_WIDTH * Math.sqrt(clock), counterWidth * Math.sqrt(counter));
  const highest =
    (end.estimate?.high ?? end.microjoules) - (start.estimate?.low ?? start.microjoules);
  const lowest =
    (end.estimate?.low ?? end.microjoules) - (start.estimate?.high ?? start.microjoules);
  const doubtLow = end.doubts.lowAfter - start.doubts.lowBefore;
  const doubtHigh = end.doubts.highAfter - start.doubts.highBefore;
  return {
    below: Math.max(0, Math.min(width, value - lowest, value)) + doubtLow,
    above: Math.max(0, Math.min(width, highest - value)) + doubtHigh
  };
}

/** An edge in a gap adds nothing: the value ends where the gap begins. */
function variancesOf(
  start: EdgeEstimate | undefined,
  end: EdgeEstimate | undefined,
  context: { clockErrorNs: number; unitMicrojoules: number }
): Variances {
  if (start && end) return variancesBetween(start, end, context);
  const one = start ?? end;
  if (!one) return { clock: 0, counter: context.unitMicrojoules ** 2 / 6 };
  const clock = ((one.slope * context.clockErrorNs) / 1e9) ** 2;
  return { clock, counter: one.mixVariance + one.pointVariance };
}
