import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { discoverPowercap } from './powercap.ts';
import { Reader } from './reader.ts';
import type { Reading } from './sensor.ts';

const entry = join(__dirname, 'reader-thread.ts');

describe('Reader', () => {
  let sysfs: string;
  let readings: Reading[];
  let arrived: () => void = () => undefined;
  let reader: Reader;

  beforeEach(() => {
    sysfs = mkdtempSync(join(tmpdir(), 'sysfs-'));
    readings = [];
    reader = new Reader({
      entry,
      onReadings: batch => {
        readings.push(...batch);
        arrived();
      }
    });
  });
  afterEach(async () => {
    await reader.stop();
    rmSync(sysfs, { recursive: true });
  });

  function zone(name: string, microjoules: number) {
    const folder = join(sysfs, 'class', 'powercap', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'name'), `package-${name.at(-1)}\n`);
    writeFileSync(join(folder, 'energy_uj'), `${microjoules}\n`);
    return (next: string) => writeFileSync(join(folder, 'energy_uj'), next);
  }
  const until = (condition: () => boolean) =>
    new Promise<void>(resolve => {
      arrived = () => condition() && resolve();
      arrived();
    });
  const values = () => readings.map(r => ('gap' in r ? r.gap : r.microjoules));

  it('reads each sensor in order of time, and its last values on stopping', async () => {
    const set = zone('intel-rapl:0', 100);
    zone('intel-rapl:1', 5);
    for (const place of discoverPowercap(sysfs).places) reader.add(place);
    reader.start();
    await until(() => readings.length >= 4);
    set('200\n');
    await until(() => values().includes(200));
    const first = readings.filter(r => r.sensorId === 'powercap:intel-rapl:0');
    expect(first.map(r => r.afterNs)).toEqual(first.map(r => r.afterNs).sort((a, b) => a - b));
    for (const { beforeNs, afterNs } of readings) expect(afterNs).toBeGreaterThan(beforeNs);
    expect(new Set(values())).toEqual(new Set([100, 200, 5]));
  });

  it('brackets the next two ticks at an edge between two reads', async () => {
    const set = zone('intel-rapl:0', 100);
    for (const place of discoverPowercap(sysfs).places) reader.add(place);
    reader.start();
    await until(() => readings.length > 0);
    for (const next of ['200\n', '300\n', '400\n']) {
      reader.edge();
      set(next);
    }
    await until(() => values().includes(400));
    const tick = readings.findIndex(r => 'microjoules' in r && r.microjoules === 400);
    expect(tick).toBeGreaterThan(0);
  });

  it('gives a gap with its reason when a sensor cannot be read, and goes on afterwards', async () => {
    const set = zone('intel-rapl:0', 100);
    for (const place of discoverPowercap(sysfs).places) reader.add(place);
    reader.setPace('hot');
    reader.start();
    await until(() => readings.length > 0);
    set('broken\n');
    await until(() => readings.some(r => 'gap' in r));
    expect(values().find(value => typeof value === 'string')).toMatch(/got "broken\\n"/);
    set('300\n');
    await until(() => values().includes(300));
  });

  it('tells of a sensor that is not there, and finds it when it comes', async () => {
    zone('intel-rapl:0', 100);
    const { places } = discoverPowercap(sysfs);
    const folder = join(sysfs, 'class', 'powercap');
    renameSync(folder, `${folder}-away`);
    for (const place of places) reader.add(place);
    reader.start();
    await until(() => readings.length > 0);
    expect(values()[0]).toMatch(/is not there/);
    renameSync(`${folder}-away`, folder);
    await until(() => values().includes(100));
  });

  it('reads a removed sensor no more', async () => {
    zone('intel-rapl:0', 1);
    zone('intel-rapl:1', 2);
    for (const place of discoverPowercap(sysfs).places) reader.add(place);
    reader.setPace('hot');
    reader.start();
    await until(() => readings.length > 0);
    reader.remove('powercap:intel-rapl:0');
    await until(() => readings.at(-1)?.sensorId === 'powercap:intel-rapl:1');
    readings.length = 0;
    await until(() => readings.length > 20);
    const late = readings.slice(10).map(r => r.sensorId);
    expect(new Set(late)).toEqual(new Set(['powercap:intel-rapl:1']));
  });
});
