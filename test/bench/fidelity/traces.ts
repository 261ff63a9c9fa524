import { type Account, Ledger } from '../../../extension/meter/src/ledger/ledger.ts';
import type { SensorDescription } from '../../../extension/meter/src/sensors/sensor.ts';
import { drawTrace, READINGS, type Trace, type TraceOptions } from './faults.ts';
import { Random } from './random.ts';

/** What became of the windows of many traces. */
export interface TraceCounts {
  traces: number;
  windows: number;
  /** Windows with a gap and no false value. */
  gaps: number;
  /** Windows without a gap whose value is off and whose interval misses the truth. */
  wrong: number;
  /** Windows that adding up differences, wraps included, gets wrong. */
  naiveWrong: number;
  /** Accounts whose parts do not add up to what the counter advanced. */
  unbalanced: number;
}

const ORIGIN = 10;
const WINDOWS = 4;

/** Lets a fresh ledger live through each trace, every second one with a sibling counter beside. */
export function meterTraces(count: number, options: TraceOptions, seed: number): TraceCounts {
  const random = new Random(seed);
  const counts = { traces: 0, windows: 0, gaps: 0, wrong: 0, naiveWrong: 0, unbalanced: 0 };
  for (let i = 0; i < count; i++) {
    meterTrace(drawTrace(random, options), random, i % 2 === 1, counts);
    counts.traces++;
  }
  return counts;
}

function meterTrace(trace: Trace, random: Random, hasSibling: boolean, counts: TraceCounts): void {
  const ledger = new Ledger({ policy: 'exclusive', clockErrorNs: 0 });
  ledger.addSensor(sensorOf(trace, 'package-0'));
  if (hasSibling) ledger.addSensor(sensorOf(trace, 'package-0 dram'));
  // After two clock jumps in a row a window may have no length on the meter's clock.
  const windows = drawWindows(random).filter(
    ([from, to]) => momentOf(trace, to) > momentOf(trace, from) + trace.period
  );
  for (const [k, [from, to]] of windows.entries()) {
    const id = String(k);
    ledger.open({ id, kernelId: 'k', startNs: pointNs(trace, from) });
    ledger.close(id, pointNs(trace, to));
  }
  read(ledger, trace, hasSibling);
  const settled = ledger.settle((ORIGIN + Math.max(...trace.t) + 10) * 1e9);
  for (const { id, domains, gaps } of settled) {
    const [from, to] = windows[Number(id)]!;
    const truth = trace.ideal[to]! - trace.ideal[from]!;
    const tolerance = toleranceOf(trace, from, to);
    counts.windows++;
    if (Math.abs(naive(trace, from, to) - truth) > tolerance) counts.naiveWrong++;
    const energy = domains.find(({ sensorId }) => sensorId === 'package-0');
    if (gaps.some(({ sensorId }) => sensorId === 'package-0') || !energy) {
      counts.gaps++;
      continue;
    }
    const isOff = Math.abs(energy.microjoules / 1e6 - truth) > tolerance;
    const low = energy.lowMicrojoules / 1e6 - tolerance;
    const high = energy.highMicrojoules / 1e6 + tolerance;
    if (isOff && (truth < low || truth > high)) counts.wrong++;
  }
  if (!isBalanced(ledger.account('package-0', -Infinity, Infinity))) counts.unbalanced++;
}

/** Parts are whole microjoules and add up, and no part is negative. */
function isBalanced({ advance, ...parts }: Account): boolean {
  const values = Object.values(parts);
  const sum = values.reduce((a, b) => a + b, 0);
  return sum === advance && values.every(part => Number.isSafeInteger(part) && part >= 0);
}

function read(ledger: Ledger, trace: Trace, hasSibling: boolean): void {
  for (let i = 0; i < READINGS; i++) {
    const ns = (ORIGIN + trace.t[i]!) * 1e9;
    const times = { beforeNs: ns, afterNs: ns };
    const mark = trace.marks[i] ?? (trace.failed[i] ? 'EIO' : undefined);
    for (const sensorId of hasSibling ? ['package-0', 'package-0 dram'] : ['package-0']) {
      const joules = sensorId === 'package-0' ? trace.raw[i]! : trace.sibling[i]!;
      if (mark !== undefined) ledger.reading({ sensorId, ...times, gap: mark });
      if (trace.failed[i]) continue;
      ledger.reading({ sensorId, ...times, microjoules: Math.max(0, joules) * 1e6 });
    }
  }
}

/** Windows of one to eight steps, one after another, away from the ends of the trace. */
function drawWindows(random: Random): [number, number][] {
  const windows: [number, number][] = [];
  let at = random.integer(3, 8);
  while (windows.length < WINDOWS && at < READINGS - 5) {
    const to = Math.min(at + random.integer(1, 9), READINGS - 4);
    windows.push([at, to]);
    at = to + random.integer(0, 3);
  }
  return windows;
}

/** The most likely moment of the update that a reading saw: there the counter's value is exact. */
function pointNs(trace: Trace, i: number): number {
  return (ORIGIN + momentOf(trace, i) - 0.6 * trace.period) * 1e9;
}

/** A reading counts as made when its clock says so, unless that clock went backwards. */
function momentOf({ t, madeAt }: Trace, i: number): number {
  const isOrdered = (i === 0 || t[i]! > t[i - 1]!) && (i + 1 >= t.length || t[i + 1]! > t[i]!);
  return isOrdered ? t[i]! : madeAt[i]!;
}

/** Four units a step; readings faster than the counter blur the edges. */
function toleranceOf(trace: Trace, from: number, to: number): number {
  const grain = 4 * trace.unit * (to - from);
  const near = [from, to].map(i => {
    const moment = momentOf(trace, i);
    const others = trace.t.filter((_, k) => k !== i).map(t => Math.abs(t - moment));
    return Math.min(...others) < 2.5 * trace.period;
  });
  return near.includes(true) ? grain + 4 * trace.maxWatts * trace.period : grain;
}

function naive({ raw, modulus }: Trace, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    const step = raw[i + 1]! - raw[i]!;
    sum += step < 0 ? step + modulus : step;
  }
  return sum;
}

function sensorOf(trace: Trace, device: string): SensorDescription {
  return {
    id: device,
    domain: device === 'package-0' ? 'package' : 'dram',
    device,
    kind: 'measured',
    ...(device === 'package-0' ? { wrapMicrojoules: Math.round(trace.modulus * 1e6) } : {}),
    unitMicrojoules: trace.unit * 1e6,
    periodNs: trace.period * 1e9,
    maxWatts: trace.maxWatts,
    minWatts: trace.minWatts,
    contained: false
  };
}
