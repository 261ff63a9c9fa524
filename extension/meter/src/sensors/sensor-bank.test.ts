import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { withoutFiles } from '../fixtures/no-files.ts';
import { type Places, placesOf } from '../paths.ts';
import { SensorBank } from './sensor-bank.ts';

const entry = join(__dirname, 'reader-thread.ts');

describe('SensorBank', () => {
  let folder: string;
  let places: Places;
  let bank: SensorBank;
  let told: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bank-'));
    places = placesOf({ JUPYTER_DATA_DIR: folder, JOULEBOOK_SYSFS: folder });
    told = [];
    const sink = {
      addSensor: ({ id }: { id: string }) => told.push(`+ ${id}`),
      removeSensor: (id: string, _: number, reason: string) => told.push(`- ${id}: ${reason}`),
      reading: () => {}
    };
    bank = new SensorBank({ places, entry, sink, arrived: () => {} });
    await bank.start();
  });
  afterEach(async () => {
    await bank.stop();
    rmSync(folder, { recursive: true });
  });

  const zone = () => join(folder, 'class/powercap/intel-rapl:0');
  const plugIn = () => {
    mkdirSync(zone(), { recursive: true });
    writeFileSync(join(zone(), 'name'), 'package-0\n');
    writeFileSync(join(zone(), 'energy_uj'), '1000\n');
  };

  it('reads a calibrated model in place of the one before, at once', () => {
    expect(told).toEqual(['+ model:package', '+ model:dram']);
    mkdirSync(dirname(places.calibration), { recursive: true });
    const factors = { exponent: 1, relativeLow: 0.65, relativeHigh: 2 };
    const model = { idleWatts: 10, dynamicWatts: 20, ...factors };
    writeFileSync(places.calibration, JSON.stringify(model));
    bank.discover();
    expect(told.slice(2)).toEqual([
      expect.stringMatching(/^- model:package: .+/) as string,
      '+ model:package'
    ]);
    expect(bank.statuses()[0]?.detail).toContain('calibrated on this machine');
    bank.discover();
    expect(told).toHaveLength(4);
  });

  it('takes a device that comes for the model, and the model when the device goes', () => {
    plugIn();
    bank.discover();
    expect(told.slice(2)).toContain('+ powercap:intel-rapl:0');
    expect(told.slice(2).join()).toContain('- model:package');
    expect(bank.domains).toContain('package');
    told.length = 0;
    withoutFiles(() => bank.discover());
    expect(told).toEqual([]);
    rmSync(zone(), { recursive: true });
    bank.discover();
    expect(told.join()).toMatch(/- powercap:intel-rapl:0: package-0 has gone.*\+ model:package/);
  });
});
