import { Ledger } from '../../../extension/meter/src/ledger/ledger.ts';
import type { SensorDescription } from '../../../extension/meter/src/sensors/sensor.ts';
import { type CounterShape, NVML, SimulatedCounter } from './counter.ts';
import { Random } from './random.ts';
import { AFTER, BEFORE, drawPath, type Scenario } from './scenarios.ts';

/** One window as the ledger saw it, in joules. */
export interface WindowTrial {
  /** The window's length in seconds. */
  width: number;
  truth: number;
  ours: number;
  low: number;
  high: number;
  /** Difference of two reads, when the messages came. */
  naive: number;
  below: boolean;
}

/** How the meter reads in a bench. */
export interface Schedule {
  /** Reads a second before the window: many while a kernel is hot, few after a pause. */
  rateBefore: number;
  /** Reads a second from the first message on. */
  rate: number;
  /** Seconds between reads while the counter is awaited at an edge. */
  step: number;
  /** Standard deviation of an edge's time, in seconds. */
  clockError: number;
}

/** The meter's own schedule, with the clock error of the prototype. */
export const SCHEDULE: Schedule = {
  rateBefore: 200,
  rate: 200,
  step: 5e-5,
  clockError: 3e-4
};

/**
 * Lets one ledger live through windows of one scenario, the lengths by turns, read as the meter
 * reads: steadily, and after each message until the counter has ticked twice.
 * @param count Windows of each length.
 */
export function meterWindows(
  scenario: Scenario,
  widths: readonly number[],
  count: number,
  shape: CounterShape,
  schedule: Schedule,
  seed: number
): WindowTrial[] {
  const random = new Random(seed);
  const isGpu = shape === NVML;
  const sensor = sensorOf(shape);
  const ledger = new Ledger({ policy: 'exclusive', clockErrorNs: schedule.clockError * 1e9 });
  ledger.addSensor(sensor);
  const trials: WindowTrial[] = [];
  let base = 1e4;
  let offset = 10;
  for (let i = 0; i < count * widths.length; i++) {
    const width = widths[i % widths.length]!;
    const path = drawPath(random, scenario, width, isGpu);
    const joules = base;
    const counter = new SimulatedCounter(shape, random, -BEFORE, t => joules + path.energyAt(t));
    const moment = offset + BEFORE;
    const edges = drawEdges(random, width, schedule.clockError);
    const id = String(i);
    ledger.open({ id, kernelId: 'k', startNs: (moment + edges.start) * 1e9 });
    ledger.close(id, (moment + edges.end) * 1e9);
    const readAt = readsOf(random, width, edges.messages, shape, schedule);
    const naive: number[] = [];
    for (const { seconds, isMessage } of readAt(t => counter.read(t))) {
      const value = counter.read(seconds);
      if (isMessage) naive.push(value);
      const beforeNs = (moment + seconds) * 1e9;
      const microjoules = value * 1e6;
      ledger.reading({ sensorId: sensor.id, beforeNs, afterNs: beforeNs, microjoules });
    }
    const truth = path.energyAt(width) - path.energyAt(0);
    const [settled] = ledger.settle((moment + width + AFTER) * 1e9 + 3e9);
    const energy = settled!.domains[0];
    trials.push({
      width,
      truth,
      ours: (energy?.microjoules ?? NaN) / 1e6,
      low: (energy?.lowMicrojoules ?? NaN) / 1e6,
      high: (energy?.highMicrojoules ?? NaN) / 1e6,
      naive: naive[1]! - naive[0]!,
      below: energy?.below ?? false
    });
    base += path.energyAt(width + AFTER);
    offset += BEFORE + width + AFTER;
  }
  return trials;
}

function sensorOf(shape: CounterShape): SensorDescription {
  const isGpu = shape === NVML;
  return {
    id: isGpu ? 'gpu' : 'package-0',
    domain: isGpu ? 'gpu' : 'package',
    device: isGpu ? 'gpu' : 'package-0',
    kind: 'measured',
    unitMicrojoules: shape.unit * 1e6,
    periodNs: shape.period * 1e9,
    maxWatts: 1000,
    minWatts: 0,
    contained: false
  };
}

/** Edges as the kernel dates them, and when their messages come, in seconds from the window's start. */
function drawEdges(random: Random, width: number, clockError: number) {
  const delay = () =>
    random.chance(0.02) ? random.between(3e-3, 2e-2) : random.between(1e-3, 3e-3);
  const start = clockError * random.normal();
  const end = Math.max(start + 1e-4, width + clockError * random.normal());
  return { start, end, messages: [delay(), width + delay()] };
}

interface Read {
  seconds: number;
  isMessage: boolean;
}

/** The moments of all reads in time order; those of a lock depend on what is read. */
function readsOf(
  random: Random,
  width: number,
  messages: number[],
  shape: CounterShape,
  schedule: Schedule
): (read: (seconds: number) => number) => Generator<Read> {
  const step = Math.max(schedule.step, shape.period / 40);
  return function* (read) {
    // Slow counters are followed from tick to tick, as if every update were an edge.
    const follows = shape.period > 1 / schedule.rate;
    const queue = [...messages].sort((a, b) => a - b);
    let period = 1 / schedule.rateBefore;
    let next = -BEFORE + random.between(0, period);
    let followed = NaN;
    while (queue.length > 0 || next < width + AFTER) {
      const message = queue[0];
      if (message === undefined || next < message) {
        const seen = read(next);
        yield { seconds: next, isMessage: false };
        const pause = follows ? (seen !== followed ? 0.85 * shape.period : step) : period;
        followed = seen;
        next += pause * random.between(0.95, 1.05);
        continue;
      }
      queue.shift();
      period = 1 / schedule.rate;
      let value = read(message);
      yield { seconds: message, isMessage: true };
      let ticks = 0;
      for (let t = message + step; ticks < 2 && t < message + 5 * shape.period; t += step) {
        // A second message in the middle of a lock is read as it comes.
        while (queue.length > 0 && queue[0]! <= t) {
          yield { seconds: queue.shift()!, isMessage: true };
          ticks = 0;
        }
        const seen = read(t);
        yield { seconds: t, isMessage: false };
        if (seen !== value) ticks++;
        value = seen;
        next = t + (follows ? step : period);
      }
    }
  };
}
