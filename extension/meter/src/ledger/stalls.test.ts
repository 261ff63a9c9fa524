import { Ledger } from './ledger.ts';
import { judgeCatchUp } from './stalls.ts';
import type { SensorDescription } from '../sensors/sensor.ts';
import type { WindowEnergy } from './types.ts';

const PACKAGE: SensorDescription = {
  id: 'package-0',
  domain: 'package',
  device: 'package-0',
  kind: 'measured',
  wrapMicrojoules: 262_143_328_911,
  unitMicrojoules: 61,
  periodNs: 1e6,
  maxWatts: 400,
  minWatts: 0,
  contained: false
};
const MS = 1e6;
const noLoss: (ns: number) => number = () => 0;

/** 20 W, and 80 W more while one of the windows runs, or always. */
function energyAt(ns: number, windows: [number, number][], isSteady = false): number {
  if (isSteady) return (100 * ns) / 1e9;
  let joules = (20 * ns) / 1e9;
  for (const [from, to] of windows)
    joules += (80 * Math.min(Math.max(0, ns - from), to - from)) / 1e9;
  return joules;
}

/** Meters the windows as the reader does: every 5 ms, and from tick to tick at edges. */
function meter(
  windows: [number, number][],
  lastUpdate: (ns: number) => number,
  { until = 12e9, lost = noLoss, isSteady = false } = {}
): WindowEnergy[] {
  const ledger = new Ledger({ policy: 'exclusive', clockErrorNs: 2e4 });
  ledger.addSensor(PACKAGE);
  windows.forEach(([startNs, endNs], k) => {
    ledger.open({ id: String(k), kernelId: 'k', startNs });
    ledger.close(String(k), endNs);
  });
  const edges = windows.flat().sort((a, b) => a - b);
  const settled: WindowEnergy[] = [];
  let hot = -1;
  for (let ns = 1e9; ns < until;) {
    const joules = energyAt(lastUpdate(ns), windows, isSteady) - lost(ns);
    const microjoules = Math.floor(1e11 + 1e6 * joules);
    ledger.reading({ sensorId: PACKAGE.id, beforeNs: ns, afterNs: ns + 2e3, microjoules });
    settled.push(...ledger.settle(ns));
    if (edges.length > 0 && ns >= edges[0]!) hot = edges.shift()! + 2.5 * MS;
    ns = ns < hot ? ns + 5e4 : Math.min(ns + 5 * MS, edges.find(edge => edge > ns) ?? Infinity);
  }
  return settled.sort((a, b) => Number(a.id) - Number(b.id));
}

/** Windows with a gap are counted; all hold the truth. */
function expectRight(
  settled: WindowEnergy[],
  windows: [number, number][],
  isSteady = false
): number {
  expect(settled.length).toBe(windows.length);
  for (const { id, domains } of settled) {
    const [from, to] = windows[Number(id)]!;
    const truth = 1e6 * (energyAt(to, windows, isSteady) - energyAt(from, windows, isSteady));
    expect(domains[0]!.lowMicrojoules).toBeLessThanOrEqual(truth);
    expect(domains[0]!.highMicrojoules).toBeGreaterThanOrEqual(truth);
  }
  return settled.filter(({ gaps }) => gaps.length > 0).length;
}

/** Windows of 300 ms, one a second, from 2 s on. */
const WINDOWS = Array.from({ length: 8 }, (_, k): [number, number] => [
  (2 + k) * 1e9 + 371_234,
  (2.3 + k) * 1e9 + 512_345
]);

describe('a counter that stalls', () => {
  it.each([
    [8, true],
    [60, true],
    [250, true],
    [60, false],
    [250, false]
  ])('of %i ms is believed where the power is steady: %s', (stallMs, isSteady) => {
    // The phase against the windows moves: stalls begin before, inside and after them.
    const every = 1063 * MS;
    const lastUpdate = (ns: number) => {
      const sinceStall = (ns - 1.9e9) % every;
      const isStalled = ns > 1.9e9 && sinceStall < stallMs * MS;
      return Math.floor((isStalled ? ns - sinceStall : ns) / MS) * MS;
    };
    const gaps = expectRight(meter(WINDOWS, lastUpdate, { isSteady }), WINDOWS, isSteady);
    if (isSteady) expect(gaps).toBe(0);
    else expect(gaps).toBeGreaterThan(0);
  });

  it('knows a window that holds a whole stall as well as any other', () => {
    const windows: [number, number][] = [[2e9, 2.5e9]];
    const lastUpdate = (ns: number) =>
      ns > 2.2e9 && ns < 2.28e9 ? 2.2e9 : Math.floor(ns / MS) * MS;
    const { domains } = meter(windows, lastUpdate, { until: 4e9 })[0]!;
    const { microjoules, lowMicrojoules, highMicrojoules } = domains[0]!;
    expect(microjoules / 1e6).toBeCloseTo(50, 0);
    expect(highMicrojoules - lowMicrojoules).toBeLessThan(1e6);
  });

  it('bounds an edge that falls into a stall by all that the stall may hold', () => {
    const windows: [number, number][] = [[2.04e9, 2.5e9]];
    const lastUpdate = (ns: number) => (ns > 2e9 && ns < 2.08e9 ? 2e9 : Math.floor(ns / MS) * MS);
    const options = { until: 4e9, isSteady: true };
    const { domains, gaps } = meter(windows, lastUpdate, options)[0]!;
    expect(gaps).toEqual([]);
    const { lowMicrojoules, highMicrojoules } = domains[0]!;
    expect((highMicrojoules - lowMicrojoules) / 1e6).toBeGreaterThan(0.9 * 100 * 0.08);
  });

  it.each([60, 250, 1800])('is a gap when a stall of %i ms has lost energy', stallMs => {
    const windows: [number, number][] = [[2e9, 5e9]];
    const [from, to] = [3e9, 3e9 + stallMs * MS];
    const lastUpdate = (ns: number) => (ns > from && ns < to ? from : Math.floor(ns / MS) * MS);
    const lost = (ns: number) => (ns < to ? 0 : 0.1 * stallMs);
    const { domains, gaps } = meter(windows, lastUpdate, { lost })[0]!;
    expect(gaps.map(({ reason }) => reason)).toEqual(['the counter stood still']);
    expect(domains[0]!.highMicrojoules / 1e6).toBeGreaterThan(300);
    expect(domains[0]!.lowMicrojoules / 1e6).toBeLessThan(300);
  });

  it('may hide anything where the time since it stood explains its advance', () => {
    const steady = { advance: 2e6, ns: 100 * MS };
    const stall = {
      ...{ advance: 9e6, ns: 450 * MS, usualWatts: 20, maxWatts: 200 },
      ...{ before: [steady, steady, steady], partly: [steady], after: [steady, steady] }
    };
    // 9 J within 100 ms may be the power of that time, and what came before lost.
    const doubtful = judgeCatchUp({ ...stall, sinceStoodNs: 100 * MS }, MS);
    expect(doubtful).toBeCloseTo(200e6 * 0.45 - 9e6, 0);
    const certain = judgeCatchUp({ ...stall, sinceStoodNs: 20 * MS }, MS);
    expect(certain).toBeLessThan(1e6);
  });

  it.each([20, 1000])('may really be updated every %i ms though it claims 1 ms', periodMs => {
    const lastUpdate = (ns: number) => Math.floor(ns / (periodMs * MS)) * periodMs * MS;
    const windows = WINDOWS.map(([from, to], k): [number, number] => [
      from + 6e9 + k * 37 * MS,
      to + 6e9 + k * 37 * MS
    ]);
    expect(expectRight(meter(windows, lastUpdate, { until: 22e9 }), windows)).toBe(0);
  });
});
