import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseProcessor } from './machine.ts';
import { discoverModel, modelOfProcessor, openModel, readCalibration } from './model.ts';

const cpuinfo = (fields: Record<string, string>, threads: number) =>
  Array.from({ length: threads }, (_, index) =>
    [`processor\t: ${index}`, ...Object.entries(fields).map(([k, v]) => `${k}\t: ${v}`)].join('\n')
  ).join('\n\n');

describe('modelOfProcessor', () => {
  const genoa = {
    vendor_id: 'AuthenticAMD',
    'cpu family': '25',
    model: '17',
    'model name': 'AMD EPYC',
    flags: 'fpu hypervisor'
  };

  it('gives a virtual machine its threads of the part below', () => {
    const two = modelOfProcessor(parseProcessor(cpuinfo(genoa, 2)));
    const four = modelOfProcessor(parseProcessor(cpuinfo(genoa, 4)));
    expect(two.origin).toMatch(/2 threads of a Genoa/);
    expect(four.idleWatts).toBeCloseTo(2 * two.idleWatts);
    expect(two.idleWatts + two.dynamicWatts).toBeCloseTo(0.72 * 2 * (360 / 192));
  });

  it('knows a laptop by the letter in its name', () => {
    const laptop = { vendor_id: 'GenuineIntel', 'cpu family': '6', model: '142', flags: 'fpu' };
    const u = modelOfProcessor(
      parseProcessor(cpuinfo({ ...laptop, 'model name': 'Intel(R) Core(TM) i7-8550U CPU' }, 8))
    );
    const plain = modelOfProcessor(
      parseProcessor(cpuinfo({ ...laptop, 'model name': 'Intel(R) Core(TM) i5-9400 CPU' }, 6))
    );
    expect(u.idleWatts + u.dynamicWatts).toBeCloseTo(0.72 * 15);
    expect(plain.idleWatts + plain.dynamicWatts).toBeCloseTo(0.72 * 65);
  });

  it('falls back on threads where nothing is known', () => {
    const model = modelOfProcessor(parseProcessor(cpuinfo({ 'CPU part': '0xd4f' }, 4)));
    expect(model.origin).toMatch(/4 threads of an unlisted server CPU/);
  });
});

describe('the modelled sensors', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'model-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are labelled as modelled, with an interval, for package and dram', () => {
    const { places, statuses } = discoverModel(join(folder, 'none.json'));
    expect(places.map(({ description }) => description)).toMatchObject([
      { id: 'model:package', domain: 'package', kind: 'modelled', relativeLow: 0.45 },
      { id: 'model:dram', domain: 'dram', kind: 'modelled', relativeHigh: 2.5 }
    ]);
    expect(statuses[0]?.remedy).toMatch(/joulebook calibrate/);
  });

  it('advance with time by at least their idle power and at most their full power', () => {
    for (const place of discoverModel(join(folder, 'none.json')).places) {
      const sensor = openModel(place);
      const before = process.hrtime.bigint();
      const first = sensor.read();
      for (let spins = 0; spins < 1e6; spins++) Math.sqrt(spins);
      const advanced = sensor.read() - first;
      const seconds = Number(process.hrtime.bigint() - before) / 1e9;
      sensor.close();
      expect(advanced).toBeGreaterThan(0);
      expect(advanced / 1e6).toBeLessThanOrEqual(place.description.maxWatts * seconds);
    }
  });

  it('use what `joulebook calibrate` found', () => {
    const path = join(folder, 'calibration.json');
    const model = {
      idleWatts: 9,
      dynamicWatts: 31,
      exponent: 0.7,
      relativeLow: 0.8,
      relativeHigh: 2
    };
    writeFileSync(path, JSON.stringify(model));
    expect(readCalibration(path)).toMatchObject(model);
    expect(discoverModel(path).statuses[0]?.detail).toMatch(/calibrated on this machine/);
  });

  it('refuse a calibration that is none', () => {
    const path = join(folder, 'calibration.json');
    for (const text of ['{', '[]', '{"idleWatts": 1}', '{"idleWatts": -1, "dynamicWatts": 1}']) {
      writeFileSync(path, text);
      expect(() => readCalibration(path)).toThrow(/run `joulebook calibrate` again/);
    }
  });
});
