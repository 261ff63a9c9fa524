import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { MeterError } from '../errors.ts';
import { CounterFile } from './counter-file.ts';
import { PowerIntegral } from './power-integral.ts';
import type { Discovery, Sensor, SensorPlace } from './sensor.ts';
import { namesIn, textOf } from './sysfs-files.ts';

/** Fuel gauges are updated about once a second, some only every few seconds. */
const updatePeriodNs = 1_000_000_000;
const gauge = { relativeLow: 0.85, relativeHigh: 1.15 };

/**
 * Finds batteries that discharge: then their power is what the whole machine draws. On mains power
 * they tell nothing about it.
 * @param sysfs Root of sysfs.
 * @see Documentation/ABI/testing/sysfs-class-power
 */
export function discoverBattery(sysfs: string): Discovery {
  const root = join(sysfs, 'class', 'power_supply');
  const discovery: Discovery = { places: [], statuses: [] };
  for (const name of namesIn(root)) {
    const folder = join(root, name);
    if (textOf(join(folder, 'type')) !== 'Battery' || textOf(join(folder, 'scope')) === 'Device') {
      continue;
    }
    const place = placeOf(name, folder);
    const { id, domain, device, kind } = place.description;
    const discharging = textOf(join(folder, 'status')) === 'Discharging';
    const told = hasPower(folder);
    if (discharging && told) discovery.places.push(place);
    discovery.statuses.push({
      id,
      domain,
      device,
      kind,
      state: discharging && told ? 'active' : 'absent',
      detail: !told
        ? 'this battery does not tell its power'
        : discharging
          ? 'reads the battery’s discharge'
          : 'on mains power, where the battery tells nothing'
    });
  }
  return discovery;
}

/**
 * Opens a battery; reading fails while it does not discharge.
 * @throws MeterError `sensor/absent` or `sensor/unreadable`.
 */
export function openBattery(place: SensorPlace): Sensor {
  const folder = String(place.address.folder);
  const files = hasFile(folder, 'power_now') ? ['power_now'] : ['current_now', 'voltage_now'];
  const open = files.map(name => new CounterFile(join(folder, name)));
  const [first, second] = open;
  return new PowerIntegral(
    () => {
      const status = textOf(join(folder, 'status'));
      if (status !== 'Discharging') {
        throw new MeterError('sensor/unreadable', `the battery is ${status.toLowerCase()}`);
      }
      const value = Math.abs(first?.read() ?? NaN);
      return second ? (value * second.read()) / 1e6 : value;
    },
    () => open.forEach(file => file.close())
  );
}

function placeOf(name: string, folder: string): SensorPlace {
  const model = textOf(join(folder, 'model_name'));
  return {
    source: 'battery',
    description: {
      id: `battery:${name}`,
      domain: 'battery',
      device: [name, model].filter(Boolean).join(' '),
      kind: 'measured',
      unitMicrojoules: 1,
      periodNs: updatePeriodNs,
      maxWatts: 300,
      minWatts: 0,
      contained: false,
      ...gauge
    },
    address: { folder }
  };
}

function hasPower(folder: string): boolean {
  const both = hasFile(folder, 'current_now') && hasFile(folder, 'voltage_now');
  return hasFile(folder, 'power_now') || both;
}

function hasFile(folder: string, name: string): boolean {
  return existsSync(join(folder, name));
}
