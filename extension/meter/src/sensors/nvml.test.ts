import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { GpuActivity } from './gpu-activity.ts';
import { loadNative } from './native.ts';
import { discoverNvml, openNvmlGpu } from './nvml.ts';

const source = join(__dirname, 'fixtures', 'fake-nvml.c');
const compiler = spawnSync('cc', ['--version']).status === 0;

(compiler ? describe : describe.skip)('NVML, on a library of its own', () => {
  let folder: string;
  let library: string;
  let state: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nvml-'));
    library = join(folder, 'libnvidia-ml.so.1');
    state = join(folder, 'state');
    const options = ['-shared', '-fPIC', `-DSTATE="${state}"`, '-o', library];
    const { status, stderr } = spawnSync('cc', [...options, source]);
    if (status !== 0) throw new Error(stderr.toString());
    await loadNative();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const gpus = (...lines: string[]) => writeFileSync(state, `${lines.join('\n')}\n`);

  it('finds nothing, and says nothing, where there is no driver', () => {
    expect(discoverNvml(join(folder, 'none.so'))).toEqual({ places: [], statuses: [] });
  });

  it('reads each GPU by its energy counter, and by power where it has none', () => {
    gpus('5000 100000 0 0', '-3 50000 0 0', '-3 -3 0 0');
    const { places, statuses } = discoverNvml(library);
    expect(places.map(({ address }) => address.mode)).toEqual(['counter', 'power']);
    expect(statuses.map(({ state, device }) => [device, state])).toEqual([
      ['Pretend 0', 'active'],
      ['Pretend 1', 'active'],
      ['Pretend 2', 'failing']
    ]);
    expect(places[1]?.description.relativeHigh).toBeGreaterThan(1);
    const counter = openNvmlGpu(places[0]!);
    expect(counter.read()).toBe(5_000_000);
    gpus('5400 100000 0 0', '-3 50000 0 0');
    expect(counter.read()).toBe(5_400_000);
  });

  it('knows which power is a mean of the last second', () => {
    gpus('-3 50000 0 0', '-3 50000 0 0', '-3 50000 0 0');
    const { places } = discoverNvml(library);
    const descriptions = places.map(({ description }) => description);
    expect(descriptions.map(({ averageNs }) => averageNs)).toEqual([undefined, undefined, 1e9]);
    expect(descriptions[2]?.relativeLow).toBeGreaterThan(descriptions[1]?.relativeLow ?? 1);
  });

  it('integrates power over time', () => {
    gpus('-3 50000 0 0');
    const sensor = openNvmlGpu(discoverNvml(library).places[0]!);
    const before = process.hrtime.bigint();
    const first = sensor.read();
    for (let spins = 0; spins < 1e6; spins++) Math.sqrt(spins);
    const advanced = sensor.read() - first;
    const microseconds = Number(process.hrtime.bigint() - before) / 1e3;
    expect(advanced).toBeGreaterThan(0);
    expect(advanced).toBeLessThanOrEqual(50 * microseconds);
  });

  it('says that a GPU fell off the bus, or cannot be read', () => {
    gpus('5000 1 0 0');
    const sensor = openNvmlGpu(discoverNvml(library).places[0]!);
    gpus('-15 1 0 0');
    expect(() => sensor.read()).toThrow(/status 15: the GPU fell off the bus/);
    gpus('-999 1 0 0');
    expect(() => sensor.read()).toThrow(/status 999/);
  });

  it("adds up each process's share of each GPU's time", () => {
    gpus('5000 1 4242 40', '6000 1 0 0');
    const activity = new GpuActivity(discoverNvml(library).places);
    activity.sample();
    activity.sample();
    const ns = activity.of(pid => pid === 4242);
    expect(ns['Pretend 0']).toBeGreaterThan(0);
    expect(ns['Pretend 1'] ?? 0).toBe(0);
    expect(activity.of(pid => pid === 1)).toEqual({});
  });
});
