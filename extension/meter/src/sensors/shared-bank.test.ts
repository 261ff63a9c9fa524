import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { placesOf } from '../paths.ts';
import { SharedBank, type Sensors } from './shared-bank.ts';

const entry = join(__dirname, 'reader-thread.ts');

describe('sensors that several meters share', () => {
  let folder: string;
  let bank: SharedBank;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shared-'));
    const places = placesOf({ JUPYTER_DATA_DIR: folder, JOULEBOOK_SYSFS: folder });
    bank = new SharedBank({ places, entry });
  });
  afterEach(async () => {
    await bank.stop();
    rmSync(folder, { recursive: true });
  });

  /** A meter that notes what it is told. */
  function member(): { sensors: Sensors; told: string[]; readings: () => number } {
    const told: string[] = [];
    let readings = 0;
    const sensors = bank.join({
      sink: {
        addSensor: ({ id }) => told.push(`+ ${id}`),
        removeSensor: id => told.push(`- ${id}`),
        reading: () => readings++
      },
      arrived: () => {}
    });
    return { sensors, told, readings: () => readings };
  }

  it('tell each the same, whenever it comes, and go on when one leaves', async () => {
    const [first, second] = [member(), member()];
    await first.sensors.start();
    expect(first.told).toEqual(['+ model:package', '+ model:dram']);
    await second.sensors.start();
    expect(second.told).toEqual(first.told);
    expect(second.readings()).toBeGreaterThan(0);
    expect(second.sensors.statuses()).toEqual(first.sensors.statuses());

    await first.sensors.stop();
    const heard = first.readings();
    const zone = join(folder, 'class/powercap/intel-rapl:0');
    mkdirSync(zone, { recursive: true });
    writeFileSync(join(zone, 'name'), 'package-0\n');
    writeFileSync(join(zone, 'energy_uj'), '1000\n');
    second.sensors.discover();
    expect(second.told).toContain('+ powercap:intel-rapl:0');
    expect(first.told).toHaveLength(2);
    expect(first.readings()).toBe(heard);
  });
});
