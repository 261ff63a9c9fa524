import { setTimeout as pause } from 'node:timers/promises';
import type { Status } from '../../../extension/meter/src/api/schemas/status.ts';
import { placesOf } from '../../../extension/meter/src/paths.ts';
import type { BenchResult } from '../result.ts';
import { goals } from './goals.ts';
import { fill, queryTimes } from './history.ts';
import { PythonKernels } from './kernels.ts';
import { type Cost, Place } from './place.ts';

/** What to measure. */
export interface MeterBenchOptions {
  /** The project's folder. */
  root: string;
  /** Length of each look at the cost, s. @default 30 */
  seconds?: number;
  /** Cells of each turn with and without a daemon. @default 400 */
  cells?: number;
  /** @default 1_000_000 */
  executions?: number;
}

/** A start, and what a cell leaves behind, is over after this time, ms. */
const settlingMs = 8_000;
const turns = 6;
/** Cells are sent and looked at within this time around the measurement, also on a busy machine, s. */
const marginSeconds = 8;

/** Measures what the meter costs, adds to a cell and to a query, in folders of its own. */
export async function meterBench(options: MeterBenchOptions): Promise<BenchResult[]> {
  const { root, seconds = 30, cells = 400, executions = goals.executions } = options;
  const small = new Place(root);
  const large = new Place(root);
  try {
    await small.start();
    const cost = await costs(small, seconds);
    const latency = await addedLatency(small, cells);
    return [...cost, ...latency, ...(await queries(large, executions))];
  } finally {
    await Promise.all([small.end(), large.end()]);
  }
}

async function costs(place: Place, seconds: number): Promise<BenchResult[]> {
  const kernels = new PythonKernels(place);
  const results: BenchResult[] = [];
  try {
    await kernels.start(1);
    await place.startDaemon();
    await pause(settlingMs);
    results.push(...costRows('no cell runs', await place.cost(seconds), goals.idle));
    results.push(
      ...costRows('one cell runs', await underCells(place, kernels, 1, seconds), goals.hot)
    );
    results.push(ownEnergy(await place.client.status()));
    await kernels.start(goals.manyKernels - 1);
    const many = `${goals.manyKernels} kernels`;
    await pause(settlingMs);
    results.push(...costRows(`${many}, no cell runs`, await place.cost(seconds), goals.many));
    const one = await underCells(place, kernels, 1, seconds);
    results.push(...costRows(`${many}, one runs a cell`, one, goals.many));
    const all = await underCells(place, kernels, goals.manyKernels, seconds);
    results.push(...costRows(`${many}, all run a cell`, all, goals.many));
    return results;
  } finally {
    await kernels.end();
    await place.stopDaemon();
  }
}

async function underCells(
  place: Place,
  kernels: PythonKernels,
  count: number,
  seconds: number
): Promise<Cost> {
  await kernels.wait(seconds + marginSeconds, count);
  await pause(1_000);
  const cost = await place.cost(seconds);
  const { kernels: seen } = await place.client.status();
  const busy = seen.filter(({ state }) => state === 'busy').length;
  if (busy !== count) throw new Error(`expected ${count} kernels to run a cell, got ${busy}`);
  await kernels.idle(count);
  await pause(settlingMs);
  return cost;
}

function costRows(
  name: string,
  { cpu, resident, proportional }: Cost,
  goal: number
): BenchResult[] {
  return [
    row(`CPU, ${name}`, cpu, '% of a core', goal),
    row(`memory, ${name}`, resident, 'MiB', goals.memory),
    { ...row(`its own part of that, ${name}`, proportional, 'MiB', Infinity), goal: 'none' }
  ];
}

/** The meter must say what it uses itself, and it must be a plausible part of the simulated 110 W. */
function ownEnergy({ meter, started_at }: Status): BenchResult {
  const seconds = (Date.now() - Date.parse(started_at)) / 1e3;
  const joules = meter.joules ?? NaN;
  return {
    ...row('its own energy, as it says', joules / seconds, 'W', Infinity),
    goal: 'shown, above 0 and below 10 % of the machine',
    met: joules > 0 && joules / seconds < 11
  };
}

/** The 99th percentile of a small cell's time with a daemon less that without, in turns. */
async function addedLatency(place: Place, cells: number): Promise<BenchResult[]> {
  const kernels = new PythonKernels(place);
  const [metered, alone]: [number[], number[]] = [[], []];
  try {
    await kernels.start(1);
    await kernels.times(cells);
    for (let turn = 0; turn < turns; turn++) {
      alone.push(...(await kernels.times(cells)));
      await place.startDaemon();
      await pause(settlingMs / 4);
      metered.push(...(await kernels.times(cells)));
      await place.stopDaemon();
    }
  } finally {
    await kernels.end();
  }
  return [0.5, 0.99].map(share => {
    const [ours, other] = [quantile(metered, share), quantile(alone, share)];
    const name = share === 0.5 ? 'small cell, median' : 'small cell, 99th percentile';
    return {
      ...row(`${name}, metered beside not`, ours, 'ms', Infinity),
      other,
      ratio: ours / other,
      goal: `at most ${goals.latency} ms more`,
      met: ours - other <= goals.latency
    };
  });
}

async function queries(place: Place, executions: number): Promise<BenchResult[]> {
  await place.start();
  fill(placesOf(place.environment).history, executions);
  await place.startDaemon();
  await pause(settlingMs / 4);
  const times = await queryTimes(place.client, executions);
  return [...times].map(([name, time]) =>
    row(`of ${executions} executions: ${name}`, time, 'ms', goals.query)
  );
}

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function row(name: string, ours: number, unit: string, goal: number): BenchResult {
  const met = ours <= goal;
  return { name, ours, other: null, ratio: null, unit, goal: `at most ${goal} ${unit}`, met };
}
