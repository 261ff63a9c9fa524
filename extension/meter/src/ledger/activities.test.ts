import { Activities, type Running } from './activities.ts';
import type { Activity } from './types.ts';

const MS = 1e6;

/** A machine of four CPUs; `kernel` and `machine` are busy CPU milliseconds so far. */
function sample(atMs: number, kernel: number, machine: number): Activity {
  return {
    atNs: atMs * MS,
    machineBusyNs: machine * MS,
    cpus: 4,
    cores: 2,
    groups: [{ kernelId: 'k', cpuNs: kernel * MS, residentBytes: 2e9 }],
    meterCpuNs: 0,
    residentTotalBytes: 8e9
  };
}

describe('Activities', () => {
  it('puts a kernel between two samples into its cells, not into the time around them', () => {
    const activities = new Activities();
    const cell: Running = { kernelId: 'k', startNs: 140 * MS, endNs: 160 * MS };
    activities.push(sample(0, 0, 0), []);
    activities.push(sample(100, 0, 10), []);
    activities.push(sample(200, 20, 40), [cell]);
    const inside = activities.between(140 * MS, 160 * MS, [cell]);
    expect(inside.kernels.get('k')).toBeCloseTo(0.02, 9);
    expect(inside.other).toBeCloseTo(0.002, 9);
    expect(inside.resident.get('k')).toBe(0.25);
    expect(activities.between(100 * MS, 140 * MS, [cell]).kernels.get('k')).toBeCloseTo(0, 9);
  });

  it('leaves a kernel what it uses without a cell', () => {
    const activities = new Activities();
    const cell: Running = { kernelId: 'k', startNs: 150 * MS, endNs: 200 * MS };
    activities.push(sample(0, 0, 0), []);
    activities.push(sample(100, 50, 50), []);
    activities.push(sample(200, 150, 150), [cell]);
    const before = activities.between(100 * MS, 150 * MS, [cell]);
    expect(before.kernels.get('k')).toBeCloseTo(0.025, 9);
  });

  it('says when a kernel used more than the machine did: its children were counted late', () => {
    const activities = new Activities();
    activities.push(sample(0, 0, 0), []);
    activities.push(sample(100, 300, 100), []);
    expect(activities.between(0, 100 * MS, []).isLate).toBe(true);
  });

  it('takes from the others what late children had used, over a span that holds their whole life', () => {
    const activities = new Activities();
    const cell: Running = { kernelId: 'k', startNs: 0, endNs: 300 * MS };
    // Others use 20 ms in each step, a child of the kernel 50 ms, which count when it ends.
    activities.push(sample(0, 0, 0), [cell]);
    activities.push(sample(100, 0, 70), [cell]);
    activities.push(sample(200, 0, 140), [cell]);
    activities.push(sample(300, 150, 210), [cell]);
    const { kernels, other, isLate, isPartlyLate } = activities.between(0, 300 * MS, [cell]);
    expect(kernels.get('k')).toBeCloseTo(0.15, 9);
    expect(other).toBeCloseTo(0.06, 9);
    expect(isLate).toBe(false);
    expect(isPartlyLate).toBe(true);
    expect(activities.between(0, 200 * MS, [cell]).isPartlyLate).toBe(false);
    expect(activities.between(200 * MS, 300 * MS, [cell]).isLate).toBe(true);
  });

  it('knows nothing outside its samples', () => {
    expect(new Activities().between(0, MS, []).isKnown).toBe(false);
  });
});
