import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { discoverPowercap, openPowercap } from './powercap.ts';

describe('powercap', () => {
  let sysfs: string;

  beforeEach(() => {
    sysfs = mkdtempSync(join(tmpdir(), 'sysfs-'));
  });
  afterEach(() => {
    rmSync(sysfs, { recursive: true });
  });

  function zone(name: string, label: string, files: Record<string, string> = {}) {
    const folder = join(sysfs, 'class', 'powercap', name);
    mkdirSync(folder, { recursive: true });
    const all = { name: label, energy_uj: '1000', max_energy_range_uj: '262143328850', ...files };
    for (const [file, text] of Object.entries(all)) writeFileSync(join(folder, file), `${text}\n`);
    return folder;
  }
  const states = () =>
    Object.fromEntries(discoverPowercap(sysfs).statuses.map(s => [s.id, s.state]));
  const read = () => discoverPowercap(sysfs).places.map(place => place.description.device);

  it('finds nothing, and says nothing, where there is no powercap', () => {
    expect(discoverPowercap(sysfs)).toEqual({ places: [], statuses: [] });
  });

  it('reads package, dram and psys, and marks core and uncore as contained', () => {
    zone('intel-rapl:0', 'package-0');
    zone('intel-rapl:0:0', 'core');
    zone('intel-rapl:0:1', 'uncore');
    zone('intel-rapl:0:2', 'dram');
    zone('intel-rapl:1', 'psys');
    expect(states()).toEqual({
      'powercap:intel-rapl:0': 'active',
      'powercap:intel-rapl:0:0': 'contained',
      'powercap:intel-rapl:0:1': 'contained',
      'powercap:intel-rapl:0:2': 'active',
      'powercap:intel-rapl:1': 'active'
    });
  });

  it('counts a package once that MSR and MMIO both show', () => {
    zone('intel-rapl-mmio:0', 'package-0');
    zone('intel-rapl:0', 'package-0');
    expect(read()).toEqual(['package-0']);
    expect(states()).toEqual({
      'powercap:intel-rapl:0': 'active',
      'powercap:intel-rapl-mmio:0': 'duplicate'
    });
  });

  it('counts two zones of one name once, but the dram of each package', () => {
    zone('intel-rapl:0', 'package-0');
    zone('intel-rapl:1', 'package-0');
    zone('intel-rapl:2', 'package-1');
    zone('intel-rapl:0:0', 'dram');
    zone('intel-rapl:2:0', 'dram');
    expect(read()).toEqual(['package-0', 'package-0 dram', 'package-1', 'package-1 dram']);
  });

  it('reads the counter as it stands', () => {
    const folder = zone('intel-rapl:0', 'package-0', { energy_uj: '262143328849' });
    const [place] = discoverPowercap(sysfs).places;
    const sensor = openPowercap(place!);
    expect(sensor.read()).toBe(262143328849);
    writeFileSync(join(folder, 'energy_uj'), '7\n');
    expect(sensor.read()).toBe(7);
    sensor.close();
  });

  it('says what it got when there is no number', () => {
    const folder = zone('intel-rapl:0', 'package-0');
    const [place] = discoverPowercap(sysfs).places;
    const sensor = openPowercap(place!);
    writeFileSync(join(folder, 'energy_uj'), 'nonsense\n');
    expect(() => sensor.read()).toThrow(/expected a whole number in .*energy_uj, got "nonsense/);
    sensor.close();
  });

  it('knows one unit more than the range as the modulus, and does without a range', () => {
    zone('intel-rapl:0', 'package-0');
    const folder = zone('intel-rapl:1', 'package-1');
    rmSync(join(folder, 'max_energy_range_uj'));
    const [first, second] = discoverPowercap(sysfs).places;
    expect(first?.description.wrapMicrojoules).toBe(262143328911);
    expect(second?.description.wrapMicrojoules).toBeUndefined();
  });

  it('names the command, and its risk, when permission is missing', () => {
    const folder = zone('intel-rapl:0', 'package-0');
    chmodSync(join(folder, 'energy_uj'), 0);
    if (process.getuid?.() === 0) {
      // Root reads everything: a folder in place of the file is refused to root as well.
      rmSync(join(folder, 'energy_uj'));
      mkdirSync(join(folder, 'energy_uj'));
      expect(discoverPowercap(sysfs).statuses[0]).toMatchObject({ state: 'failing' });
      return;
    }
    const [status] = discoverPowercap(sysfs).statuses;
    expect(status).toMatchObject({ state: 'denied' });
    expect(status?.remedy).toMatch(/chgrp energy .*energy_uj.*CVE-2020-8694/);
  });
});
