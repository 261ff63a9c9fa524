import type { SensorDescription } from '../sensors/sensor.ts';
import { type Activity, Ledger, type Policy } from './ledger.ts';

const MODULUS = 262_143_328_911;
const PACKAGE: SensorDescription = {
  id: 'package-0',
  domain: 'package',
  device: 'package-0',
  kind: 'measured',
  wrapMicrojoules: MODULUS,
  unitMicrojoules: 61,
  periodNs: 1e6,
  maxWatts: 400,
  minWatts: 0,
  contained: false
};
const START = 1e11;

function ledgerOf(policy: Policy, ...sensors: SensorDescription[]): Ledger {
  const ledger = new Ledger({ policy, clockErrorNs: 2e4 });
  for (const sensor of sensors) ledger.addSensor(sensor);
  return ledger;
}

/** Reads a counter every 5 ms whose energy since time 0 is `joules(seconds)`. */
function read(
  ledger: Ledger,
  [from, to]: [number, number],
  joules: (seconds: number) => number,
  sensor = PACKAGE,
  start = START
): void {
  for (let ns = from * 1e9; ns < to * 1e9; ns += 5e6) {
    const total = Math.floor(start + 1e6 * joules(Math.floor(ns / 1e6) / 1e3));
    const microjoules = sensor.wrapMicrojoules ? total % sensor.wrapMicrojoules : total;
    ledger.reading({ sensorId: sensor.id, beforeNs: ns, afterNs: ns + 2e3, microjoules });
  }
}

const steady = (watts: number) => (seconds: number) => watts * seconds;

/** 10 W idle, 30 W more from 1 s to 1.5 s. */
const oneCell = (seconds: number) => 10 * seconds + 30 * Math.min(0.5, Math.max(0, seconds - 1));

function activity(ms: number, kernels: Record<string, number>, machineMs: number): Activity {
  return {
    atNs: ms * 1e6,
    machineBusyNs: machineMs * 1e6,
    cpus: 4,
    cores: 2,
    groups: Object.entries(kernels).map(([kernelId, busy]) => ({
      kernelId,
      cpuNs: busy * 1e6,
      residentBytes: 1e9
    })),
    meterCpuNs: 0,
    residentTotalBytes: 8e9
  };
}

describe('Ledger', () => {
  it('gives an exclusive window the whole energy between its edges, once', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    read(ledger, [0, 1.51], steady(20));
    ledger.close('w', 1.5e9);
    expect(ledger.settle(1.51e9)).toEqual([]);
    read(ledger, [1.51, 2], steady(20));
    const [window] = ledger.settle(2e9);
    const energy = window!.domains[0]!;
    expect(energy.microjoules / 1e6).toBeCloseTo(10, 1);
    expect(energy.lowMicrojoules).toBeLessThan(10e6);
    expect(energy.highMicrojoules).toBeGreaterThan(10e6);
    expect(window!.gaps).toEqual([]);
    expect(ledger.settle(3e9)).toEqual([]);
    const account = ledger.account('package-0', 1e9, 1.5e9);
    expect(account.cells).toBe(energy.microjoules);
    expect(account.advance).toBe(account.cells);
  });

  it('makes idle power its own line under the active policy', () => {
    const ledger = ledgerOf('active', PACKAGE);
    read(ledger, [0, 1], oneCell);
    for (let ms = 0; ms <= 1000; ms += 100) ledger.activity(activity(ms, { k: 0 }, ms / 100));
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    for (let ms = 1100; ms <= 1500; ms += 100) {
      ledger.activity(activity(ms, { k: ms - 1000 }, ms / 100 + ms - 1000));
    }
    ledger.close('w', 1.5e9);
    read(ledger, [1, 2], oneCell);
    const energy = ledger.settle(2e9)[0]!.domains[0]!;
    expect(energy.microjoules / 1e6).toBeGreaterThan(13.5);
    expect(energy.microjoules / 1e6).toBeLessThan(16.5);
    expect(energy.lowMicrojoules).toBeLessThan(15e6);
    expect(energy.highMicrojoules).toBeGreaterThan(15e6);
    expect(energy.idleMicrojoules / 1e6).toBeCloseTo(5, 0);
  });

  it('counts through a wrap while the power is steady', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    ledger.close('w', 3e9);
    read(ledger, [0, 3.5], steady(50), PACKAGE, MODULUS - 100.02e6);
    const [window] = ledger.settle(3.5e9);
    expect(window!.gaps).toEqual([]);
    expect(window!.domains[0]!.microjoules / 1e6).toBeCloseTo(100, 0);
  });

  it('makes a reset a gap, keeps what is known, and says what the gap may hide', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    ledger.close('w', 3e9);
    read(ledger, [0, 2], steady(50));
    read(ledger, [2, 3.5], seconds => 50 * (seconds - 1.99), PACKAGE, 0);
    const [window] = ledger.settle(3.5e9);
    const energy = window!.domains[0]!;
    expect(window!.gaps[0]!.reason).toMatch(/reset/);
    expect(energy.microjoules).toBeLessThan(100e6);
    expect(energy.lowMicrojoules).toBeLessThan(100e6);
    expect(energy.highMicrojoules).toBeGreaterThan(100e6);
    const { advance, cells, gap } = ledger.account('package-0', 1e9, 3e9);
    expect(advance).toBe(cells + gap);
  });

  it('makes a counter that stands still a gap, although no least power is known', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    ledger.close('w', 2e9);
    read(ledger, [0, 3], seconds => 50 * (seconds < 1.3 ? seconds : Math.max(1.3, seconds - 0.2)));
    const [window] = ledger.settle(3e9);
    expect(window!.gaps.map(({ reason }) => reason)).toContain('the counter stood still');
  });

  it('has a gap and no value for a window without readings', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    ledger.close('w', 2e9);
    ledger.reading({ sensorId: 'package-0', beforeNs: 1e9, afterNs: 1e9, gap: 'EACCES' });
    expect(ledger.settle(3.9e9)).toEqual([]);
    const gap = { sensorId: 'package-0', fromNs: 1e9, toNs: 2e9, reason: 'EACCES' };
    expect(ledger.settle(4e9)).toEqual([{ id: 'w', domains: [], gaps: [gap] }]);
  });

  it('does not wait for a device that has gone, and says why its part is missing', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    read(ledger, [0, 1.5], steady(20));
    ledger.removeSensor('package-0', 1.5e9, 'fell off the bus');
    ledger.close('w', 2e9);
    const [window] = ledger.settle(2e9);
    expect(window!.gaps[0]!.reason).toBe('fell off the bus');
    expect(window!.domains[0]!.microjoules / 1e6).toBeCloseTo(10, 0);
    ledger.open({ id: 'later', kernelId: 'k', startNs: 2.5e9 });
    ledger.close('later', 3e9);
    expect(ledger.settle(3e9)).toEqual([{ id: 'later', domains: [], gaps: [] }]);
  });

  it('says when a window is too short to resolve', () => {
    const ledger = ledgerOf('active', PACKAGE);
    read(ledger, [0, 1], steady(10));
    for (let ms = 0; ms <= 1000; ms += 100) ledger.activity(activity(ms, { k: 0 }, ms / 10));
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    ledger.close('w', 1.0002e9);
    ledger.activity(activity(1100, { k: 0.2 }, 110));
    read(ledger, [1, 2], steady(10));
    const energy = ledger.settle(2e9)[0]!.domains[0]!;
    expect(energy.below).toBe(true);
    expect(energy.lowMicrojoules).toBe(0);
    expect(energy.highMicrojoules).toBeGreaterThan(0);
  });

  it('widens a modelled sensor by its systematic error', () => {
    const model = { ...PACKAGE, kind: 'modelled' as const, relativeLow: 0.5, relativeHigh: 1.9 };
    const ledger = ledgerOf('exclusive', model);
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    ledger.close('w', 1.5e9);
    read(ledger, [0, 2], steady(20));
    const energy = ledger.settle(2e9)[0]!.domains[0]!;
    expect(energy.kind).toBe('modelled');
    expect(energy.lowMicrojoules).toBeLessThan(5.01e6);
    expect(energy.highMicrojoules).toBeGreaterThan(18.9e6);
  });

  it('previews a running window without settling anything', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    read(ledger, [0, 2], steady(20));
    const preview = ledger.preview('w', 2e9).domains[0]!;
    expect(preview.microjoules / 1e6).toBeCloseTo(20, 0);
    expect(ledger.account('package-0', -Infinity, Infinity).advance).toBe(0);
    ledger.close('w', 1.5e9);
    read(ledger, [2, 2.5], steady(20));
    expect(ledger.settle(2.5e9)[0]!.domains[0]!.microjoules / 1e6).toBeCloseTo(10, 1);
  });

  it('makes a measure block a part of its cell', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'cell', kernelId: 'k', startNs: 1e9 });
    ledger.open({ id: 'block', kernelId: 'k', startNs: 1.1e9, parent: 'cell' });
    ledger.close('block', 1.3e9);
    read(ledger, [0, 1.4], steady(20));
    const [block] = ledger.settle(1.4e9);
    expect(block!.id).toBe('block');
    expect(block!.domains[0]!.microjoules / 1e6).toBeCloseTo(4, 1);
    ledger.close('cell', 1.5e9);
    read(ledger, [1.4, 2], steady(20));
    const [cell] = ledger.settle(2e9);
    expect(cell!.domains[0]!.microjoules / 1e6).toBeCloseTo(10, 1);
    expect(ledger.account('package-0', 1e9, 1.5e9).cells).toBe(cell!.domains[0]!.microjoules);
  });

  it('ends a measure block that was left open with its cell', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'cell', kernelId: 'k', startNs: 1e9 });
    ledger.open({ id: 'block', kernelId: 'k', startNs: 1.1e9, parent: 'cell' });
    read(ledger, [0, 2], steady(20));
    ledger.close('cell', 1.5e9);
    expect(ledger.settle(2e9).map(({ id }) => id)).toEqual(['block', 'cell']);
  });

  it('runs for hours in bounded time and memory, and still knows the whole window', () => {
    const ledger = ledgerOf('exclusive', PACKAGE);
    ledger.open({ id: 'w', kernelId: 'k', startNs: 1e9 });
    for (let from = 0; from < 120; from += 0.5) {
      read(ledger, [from, from + 0.5], steady(20));
      ledger.settle((from + 0.5) * 1e9);
    }
    ledger.close('w', 119e9);
    const energy = ledger.settle(122e9)[0]!.domains[0]!;
    expect(energy.microjoules / 1e6).toBeCloseTo(118 * 20, 0);
  });

  it('conserves every microjoule whatever comes late or overlaps', () => {
    for (const policy of ['active', 'share-idle', 'exclusive'] as const) {
      const ledger = ledgerOf(policy, PACKAGE);
      const power = (seconds: number) => 15 * seconds + 4 * Math.sin(3 * seconds);
      let cells = 0;
      let count = 0;
      for (let step = 0; step < 200; step++) {
        const seconds = step / 10;
        read(ledger, [seconds, seconds + 0.1], power);
        const busy = { a: step * 40, b: step * 20 };
        ledger.activity(activity((step + 1) * 100, busy, step * 90));
        // Messages come up to a tenth of a second late; kernel b's windows overlap kernel a's.
        const id = `${step}`;
        const kernelId = step % 3 === 0 ? 'b' : 'a';
        ledger.open({ id, kernelId, startNs: (seconds - 0.03) * 1e9 + 1e9 });
        if (step > 2) ledger.close(`${step - 2}`, (seconds - 0.05) * 1e9 + 1e9);
        for (const window of ledger.settle((seconds + 0.1) * 1e9 + 1e9)) {
          cells += window.domains[0]?.microjoules ?? 0;
          count++;
        }
      }
      ledger.close('0', 30e9);
      for (const id of ['198', '199']) ledger.close(id, 30e9);
      for (const window of ledger.settle(40e9)) cells += window.domains[0]?.microjoules ?? 0;
      const { advance, ...parts } = ledger.account('package-0', -Infinity, Infinity);
      expect(count).toBeGreaterThan(100);
      expect(Object.values(parts).reduce((a, b) => a + b, 0)).toBe(advance);
      expect(Object.values(parts).every(part => Number.isSafeInteger(part) && part >= 0)).toBe(
        true
      );
      expect(parts.cells).toBe(cells);
    }
  });
});
