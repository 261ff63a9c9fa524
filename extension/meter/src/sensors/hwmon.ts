import { join } from 'node:path';

import { CounterFile, readNumber } from './counter-file.ts';
import { PowerIntegral, sampledPower } from './power-integral.ts';
import type { Discovery, Domain, Sensor, SensorPlace } from './sensor.ts';
import { namesIn, textOf } from './sysfs-files.ts';

/** What a chip's channel covers: by the chip's name and its label, the first that fits. */
const channels: readonly (readonly [chip: RegExp, label: RegExp, Domain])[] = [
  [/^(amdgpu|radeon|nouveau)$/, /.*/, 'gpu'],
  [/^(i915|xe)$/, /^(card|pkg|)$/, 'gpu'],
  [/^(amd_energy|zenergy)$/, /^Esocket/, 'package'],
  [/^power_meter$/, /.*/, 'psys'],
  [/^corsairpsu$/, /total/, 'wall'],
  [/^ina3221$/, /^(VDD_IN|POM_5V_IN)$/, 'wall'],
  [/^ina3221$/, /GPU/, 'gpu'],
  [/^ina3221$/, /CPU/, 'package']
];
const maxWatts: Partial<Record<Domain, number>> = { gpu: 1500, package: 1000 };
const energyPeriodNs = 1_000_000;
const powerPeriodNs = 100_000_000;

interface Channel {
  id: string;
  device: string;
  domain: Domain;
  path: string;
  isEnergy: boolean;
}

/**
 * Finds energy and power channels of hardware monitors whose domain is known: AMD's and Intel's
 * graphics cards, AMD's socket counters, ACPI power meters, Jetson's rails. Energy counters are
 * preferred over power.
 * @param sysfs Root of sysfs.
 * @see Documentation/hwmon/sysfs-interface.rst
 */
export function discoverHwmon(sysfs: string): Discovery {
  const root = join(sysfs, 'class', 'hwmon');
  const discovery: Discovery = { places: [], statuses: [] };
  for (const channel of namesIn(root).flatMap(name => channelsOf(root, name))) {
    const { id, domain, device, path } = channel;
    const status = { id, domain, device, kind: 'measured' as const };
    try {
      readNumber(path);
      discovery.places.push(placeOf(channel));
      discovery.statuses.push({ ...status, state: 'active', detail: `reads ${path}` });
    } catch {
      discovery.statuses.push({ ...status, state: 'failing', detail: `cannot read ${path}` });
    }
  }
  return discovery;
}

/**
 * Opens a channel: its counter, or the integral of its power.
 * @throws MeterError `sensor/denied`, `sensor/absent` or `sensor/unreadable`.
 */
export function openHwmon(place: SensorPlace): Sensor {
  const file = new CounterFile(String(place.address.path));
  if (place.address.isEnergy) return file;
  return new PowerIntegral(
    () => file.read(),
    () => file.close()
  );
}

function channelsOf(root: string, name: string): Channel[] {
  const folder = join(root, name);
  const chip = textOf(join(folder, 'name'));
  const files = namesIn(folder);
  const energies = files.filter(file => /^energy\d+_input$/.test(file));
  // A chip that counts energy tells the power of the same channels, which would count them twice.
  const found = energies.length > 0 ? energies : powersOf(files);
  return found.flatMap(file => {
    const label = textOf(join(folder, file.replace(/_.*/, '_label')));
    const known = channels.find(([c, l]) => c.test(chip) && l.test(label))?.[2];
    if (!known) return [];
    const domain = isProcessor(chip, files) ? 'package' : known;
    const device = [chip, label].filter(Boolean).join(' ');
    const path = join(folder, file);
    return [{ id: `hwmon:${name}:${file}`, device, domain, path, isEnergy: energies.length > 0 }];
  });
}

/**
 * A Ryzen with graphics inside: amdgpu then tells the power of the whole socket, which is `package`,
 * and nothing of the GPU alone. Only cards of their own have a power limit there.
 * @see drivers/gpu/drm/amd/pm/amdgpu_pm.c; renoir_ppt.c and its like: average_socket_power
 */
function isProcessor(chip: string, files: string[]): boolean {
  return chip === 'amdgpu' && !files.includes('power1_cap');
}

/** The mean where there is one, else the momentary value. */
function powersOf(files: string[]): string[] {
  const means = files.filter(file => /^power\d+_average$/.test(file));
  const moments = files.filter(file => /^power\d+_input$/.test(file));
  const covered = new Set(means.map(file => file.replace('_average', '_input')));
  return [...means, ...moments.filter(file => !covered.has(file))];
}

function placeOf({ id, domain, device, path, isEnergy }: Channel): SensorPlace {
  return {
    source: 'hwmon',
    description: {
      id,
      domain,
      device,
      kind: 'measured',
      unitMicrojoules: 1,
      periodNs: isEnergy ? energyPeriodNs : powerPeriodNs,
      maxWatts: maxWatts[domain] ?? 3000,
      minWatts: 0,
      contained: false,
      ...(isEnergy ? {} : sampledPower)
    },
    address: { path, ...(isEnergy ? { isEnergy: 1 } : {}) }
  };
}
