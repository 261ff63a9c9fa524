import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { placesOf } from '../paths.ts';
import { discoverBattery, openBattery } from './battery.ts';
import { discoverSensors } from './discover.ts';
import { discoverHttpMeters, HttpMeters } from './http-meters.ts';
import { discoverHwmon, openHwmon } from './hwmon.ts';
import { loadNative } from './native.ts';
import { discoverPerf, openPerf } from './perf.ts';
import type { Discovery, Reading, Sensor } from './sensor.ts';

describe('sensors from sysfs', () => {
  let sysfs: string;
  beforeEach(() => {
    sysfs = mkdtempSync(join(tmpdir(), 'sysfs-'));
  });
  afterEach(() => {
    rmSync(sysfs, { recursive: true });
  });

  function files(folder: string, contents: Record<string, string | number>) {
    for (const [name, text] of Object.entries(contents)) {
      const path = join(sysfs, folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, `${text}\n`);
    }
  }
  /** Watts that a sensor shows over a short while, at most. */
  function watts(sensor: Sensor) {
    const before = process.hrtime.bigint();
    const first = sensor.read();
    for (let spins = 0; spins < 1e6; spins++) Math.sqrt(spins);
    const microjoules = sensor.read() - first;
    return (1e3 * microjoules) / Number(process.hrtime.bigint() - before);
  }

  it('hwmon: an AMD graphics card by its mean power', () => {
    const powers = { power1_average: 30e6, power1_input: 90e6, power1_cap: 200e6 };
    files('class/hwmon/hwmon3', { name: 'amdgpu', ...powers });
    const { places } = discoverHwmon(sysfs);
    expect(places.map(({ description }) => [description.domain, description.device])).toEqual([
      ['gpu', 'amdgpu']
    ]);
    const sensor = openHwmon(places[0]!);
    const seen = watts(sensor);
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThanOrEqual(30);
    sensor.close();
  });

  it('hwmon: a processor with graphics inside tells its package, which RAPL may read already', async () => {
    const powers = { power1_input: 17e6, power1_label: 'PPT' };
    files('class/hwmon/hwmon4', { name: 'amdgpu', ...powers });
    const domainsOf = ({ places }: Discovery) => {
      return places.map(({ source, description }) => [source, description.domain]);
    };
    expect(domainsOf(discoverHwmon(sysfs))).toEqual([['hwmon', 'package']]);
    await loadNative();
    const places = placesOf({ JUPYTER_DATA_DIR: sysfs, JOULEBOOK_SYSFS: sysfs });
    expect(domainsOf(discoverSensors(places))).toEqual([['hwmon', 'package']]);
    files('class/powercap/intel-rapl:0', { name: 'package-0', energy_uj: 1000 });
    const both = discoverSensors(places);
    expect(domainsOf(both)).toEqual([['powercap', 'package']]);
    expect(both.statuses.find(({ id }) => id.startsWith('hwmon'))?.state).toBe('duplicate');
  });

  it('hwmon: counters before power, sockets but not cores, and nothing of unknown chips', () => {
    files('class/hwmon/hwmon0', {
      name: 'amd_energy',
      energy1_input: 5,
      energy1_label: 'Ecore000',
      energy2_input: 77,
      energy2_label: 'Esocket0'
    });
    files('class/hwmon/hwmon1', { name: 'nvme', power1_input: 5 });
    files('class/hwmon/hwmon2', { name: 'i915', energy1_input: 9, power1_input: 1 });
    const { places, statuses } = discoverHwmon(sysfs);
    expect(places.map(({ description }) => description.id)).toEqual([
      'hwmon:hwmon0:energy2_input',
      'hwmon:hwmon2:energy1_input'
    ]);
    expect(statuses.every(({ state }) => state === 'active')).toBe(true);
    const sensor = openHwmon(places[0]!);
    expect(sensor.read()).toBe(77);
    sensor.close();
  });

  it('battery: its discharge, by power or by current and voltage', () => {
    files('class/power_supply/AC', { type: 'Mains', online: 0 });
    files('class/power_supply/BAT0', { type: 'Battery', status: 'Discharging', power_now: 8e6 });
    files('class/power_supply/BAT1', {
      type: 'Battery',
      status: 'Discharging',
      current_now: -1e6,
      voltage_now: 12e6
    });
    const { places } = discoverBattery(sysfs);
    const [first, second] = places.map(place => openBattery(place));
    expect(watts(first!)).toBeLessThanOrEqual(8);
    const seen = watts(second!);
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThanOrEqual(12);
  });

  it('battery: tells nothing on mains power, and fails once it is plugged in', () => {
    files('class/power_supply/BAT0', { type: 'Battery', status: 'Charging', power_now: 8e6 });
    const { places, statuses } = discoverBattery(sysfs);
    expect(places).toEqual([]);
    expect(statuses).toMatchObject([{ state: 'absent' }]);
    expect(statuses[0]?.detail).toMatch(/mains/);
    files('class/power_supply/BAT0', { status: 'Discharging' });
    const sensor = openBattery(discoverBattery(sysfs).places[0]!);
    sensor.read();
    files('class/power_supply/BAT0', { status: 'Charging' });
    expect(() => sensor.read()).toThrow(/the battery is charging/);
  });

  it('perf: an event of the kernel, scaled to microjoules', async () => {
    await loadNative();
    // perf's own CPU clock stands in for RAPL: type 1, event 0 counts ns, so 1e-9 J each is 1 W.
    files('bus/event_source/devices/power', {
      type: 1,
      cpumask: 0,
      'events/energy-pkg': 'event=0x00',
      'events/energy-pkg.scale': '1e-9'
    });
    const { places, statuses } = discoverPerf(sysfs);
    expect(statuses).toHaveLength(1);
    if (statuses[0]?.state === 'denied') {
      expect(statuses[0].remedy).toMatch(/perf_event_paranoid/);
      return;
    }
    const sensor = openPerf(places[0]!);
    const first = sensor.read();
    for (let spins = 0; spins < 1e7; spins++) Math.sqrt(spins);
    const second = sensor.read();
    expect(second).toBeGreaterThan(first);
    sensor.close();
  });
});

describe('meters on the network', () => {
  let server: Server;
  let host: string;
  let answers: Record<string, unknown>;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      const path = request.url ?? '';
      asked.push(path);
      const answer = answers[path.split('?')[0] ?? ''];
      response.statusCode = answer === undefined ? 404 : 200;
      response.end(JSON.stringify(answer ?? {}));
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
  });

  async function firstReadings(list: string, count: number) {
    const readings: Reading[] = [];
    const { places } = discoverHttpMeters(list);
    await new Promise<void>(resolve => {
      const meters: HttpMeters = new HttpMeters(batch => {
        readings.push(...batch);
        if (readings.length < count) setImmediate(() => meters.edge());
        else {
          meters.stop();
          resolve();
        }
      });
      for (const place of places) meters.add(place);
    });
    return { readings, places };
  }

  it('reads a Shelly plug of the second generation, and of the first', async () => {
    answers = { '/rpc/Switch.GetStatus': { apower: 60 } };
    const { readings, places } = await firstReadings(`shelly=http://${host}`, 3);
    expect(places[0]?.description).toMatchObject({ domain: 'wall' });
    const [a, b] = readings.slice(1);
    if (!a || !b || 'gap' in a || 'gap' in b) throw new Error('expected two readings');
    const joules = (b.microjoules - a.microjoules) / 1e6;
    expect(joules).toBeGreaterThan(0);
    expect(joules).toBeLessThan((60 * (b.afterNs - a.beforeNs)) / 1e9);
    answers = { '/meter/0': { power: 10 } };
    const old = await firstReadings(`shelly=http://${host}`, 1);
    expect(old.readings[0]).toHaveProperty('microjoules');
  });

  it('asks Prometheus its query for joules', async () => {
    answers = { '/api/v1/query': { data: { result: [{ value: [1, '12.5'] }] } } };
    const list = `prometheus=http://${host}?query=sum(kepler_joules)&domain=package&unit=joules`;
    const { readings, places } = await firstReadings(list, 1);
    expect(asked).toEqual(['/api/v1/query?query=sum%28kepler_joules%29']);
    expect(places[0]?.description.domain).toBe('package');
    expect(readings[0]).toMatchObject({ microjoules: 12_500_000 });
  });

  it('gives a gap with its reason when there is no answer, or none that fits', async () => {
    answers = {};
    const missing = await firstReadings(`shelly=http://${host}`, 1);
    expect(missing.readings[0]).toMatchObject({ gap: `${host} answered 404` });
    answers = { '/api/v1/query': { data: { result: [] } } };
    const empty = await firstReadings(`prometheus=http://${host}?query=x`, 1);
    const [reading] = empty.readings;
    expect(reading && 'gap' in reading && reading.gap).toMatch(/expected a number/);
  });

  it('refuses an address that is none, and names the form it expects', () => {
    const { places, statuses } = discoverHttpMeters('fritz=http://a,shelly=ftp://b,shelly=');
    expect(places).toEqual([]);
    expect(statuses.map(({ state }) => state)).toEqual(['failing', 'failing', 'failing']);
    expect(statuses[0]?.detail).toMatch(/expected shelly=http:\/\/HOST or prometheus=/);
  });
});
