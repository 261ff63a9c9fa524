import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { MeterError, reasonOf } from '../errors.ts';
import type { SensorState, SensorStatus } from '../execution.ts';
import { CounterFile, readNumber } from './counter-file.ts';
import type { Discovery, Domain, Sensor, SensorPlace } from './sensor.ts';

/** Hardware updates RAPL's registers about once a millisecond (Intel SDM vol. 3B, 16.10). */
const updatePeriodNs = 1_000_000;
const registerValues = 2 ** 32;
const commonUnitMicrojoules = 2 ** -14 * 1e6;

/** Above the largest parts on sale: a Xeon 6980P draws 500 W, two dies of a module 1000 W. */
const maxWatts: Partial<Record<Domain, number>> = {
  package: 1000,
  core: 1000,
  uncore: 500,
  dram: 500,
  psys: 3000
};

/** One zone of the powercap tree. */
interface Zone {
  /** Folder name, e.g. `intel-rapl:0:1`. */
  name: string;
  folder: string;
  domain: Domain;
  /** What it measures, e.g. `package-0` or `package-0 dram`: equal for two paths to one counter. */
  device: string;
  /** Why it cannot be read, or undefined when it can. */
  refusal: MeterError | undefined;
}

/**
 * Finds RAPL's energy counters below `<sysfs>/class/powercap`: Intel's and AMD's look alike. Each
 * counter counts once, although MSR and MMIO may both show it, or two zones bear one name.
 * @param sysfs Root of sysfs, normally `/sys`.
 * @see Documentation/power/powercap/powercap.rst
 */
export function discoverPowercap(sysfs: string): Discovery {
  const places: SensorPlace[] = [];
  const statuses: SensorStatus[] = [];
  const seen = new Map<string, Zone>();
  for (const zone of zonesOf(join(sysfs, 'class', 'powercap'))) {
    const twin = seen.get(zone.device);
    if (twin) {
      statuses.push(statusOf(zone, 'duplicate', `the same counter as ${twin.name}, read there`));
    } else if (zone.refusal) {
      statuses.push(refusedStatus(zone, zone.refusal));
    } else {
      seen.set(zone.device, zone);
      const place = placeOf(zone);
      places.push(place);
      statuses.push(
        place.description.contained
          ? statusOf(zone, 'contained', 'read and shown; lies inside package, so never added')
          : statusOf(zone, 'active', `reads ${join(zone.folder, 'energy_uj')}`)
      );
    }
  }
  return { places, statuses };
}

/**
 * Opens one zone's counter.
 * @throws MeterError `sensor/denied`, `sensor/absent` or `sensor/unreadable`.
 */
export function openPowercap(place: SensorPlace): Sensor {
  return new CounterFile(String(place.address.path));
}

/** Readable zones first, then MSR before MMIO, then by number: the first of a device is read. */
function zonesOf(root: string): Zone[] {
  let names: string[];
  try {
    names = readdirSync(root);
  } catch {
    return [];
  }
  const zones = names.sort(byNumber).flatMap(name => zoneOf(root, name) ?? []);
  return zones.sort((a, b) => rank(a) - rank(b));
}

/** `intel-rapl:2` before `intel-rapl:10`; by hand, as the system's collator is a table of megabytes. */
function byNumber(a: string, b: string): number {
  const [first, second] = [a, b].map(name => name.replaceAll(/\d+/g, n => n.padStart(4, '0')));
  return (first ?? '') < (second ?? '') ? -1 : 1;
}

function rank(zone: Zone): number {
  return (zone.refusal ? 2 : 0) + (zone.name.includes('-mmio') ? 1 : 0);
}

function zoneOf(root: string, name: string): Zone | undefined {
  const folder = join(root, name);
  const label = labelOf(folder);
  const domain = domainOf(label);
  if (!label || !domain) return undefined;
  const parent = /^(.*:\d+):\d+$/.exec(name)?.[1];
  const parentLabel = parent && labelOf(join(root, parent));
  return {
    name,
    folder,
    domain,
    device: parentLabel ? `${parentLabel} ${label}` : label,
    refusal: refusalOf(join(folder, 'energy_uj'))
  };
}

function labelOf(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'name'), 'utf8').trim();
  } catch {
    return undefined;
  }
}

function domainOf(label: string | undefined): Domain | undefined {
  if (label?.startsWith('package')) return 'package';
  if (label === 'dram' || label === 'psys' || label === 'core' || label === 'uncore') return label;
  return undefined;
}

function refusalOf(path: string): MeterError | undefined {
  try {
    readNumber(path);
    return undefined;
  } catch (error) {
    return error instanceof MeterError
      ? error
      : new MeterError('sensor/unreadable', reasonOf(error), { cause: error });
  }
}

function placeOf(zone: Zone): SensorPlace {
  const range = rangeOf(zone.folder);
  // The kernel writes the range as (2^32 - 1) units, so the register starts again one unit later.
  const unit = range === undefined ? commonUnitMicrojoules : range / (registerValues - 1);
  const plausible = unit >= 0.1 && unit <= 1000;
  const unitMicrojoules = plausible ? unit : commonUnitMicrojoules;
  return {
    source: 'powercap',
    description: {
      id: `powercap:${zone.name}`,
      domain: zone.domain,
      device: zone.device,
      kind: 'measured',
      ...(range === undefined
        ? {}
        : { wrapMicrojoules: Math.round(range + (plausible ? unit : 0)) }),
      unitMicrojoules,
      periodNs: updatePeriodNs,
      maxWatts: maxWatts[zone.domain] ?? 1000,
      minWatts: 0,
      contained: zone.domain === 'core' || zone.domain === 'uncore'
    },
    address: { path: join(zone.folder, 'energy_uj') }
  };
}

/** Some kernels and virtual machines leave this file out; then a wrap cannot be told from a reset. */
function rangeOf(folder: string): number | undefined {
  try {
    const range = readNumber(join(folder, 'max_energy_range_uj'));
    return range > 0 ? range : undefined;
  } catch {
    return undefined;
  }
}

function statusOf(zone: Zone, state: SensorState, detail: string): SensorStatus {
  return {
    id: `powercap:${zone.name}`,
    domain: zone.domain,
    device: zone.device,
    kind: 'measured',
    state,
    detail
  };
}

function refusedStatus(zone: Zone, refusal: MeterError): SensorStatus {
  if (refusal.code !== 'sensor/denied') return statusOf(zone, 'failing', refusal.message);
  return { ...statusOf(zone, 'denied', refusal.message), remedy: grant(zone) };
}

/** Access goes to one group, not to everybody, since the counter leaks what other processes do. */
function grant(zone: Zone): string {
  const files = join(zone.folder, '..', '*', 'energy_uj');
  return (
    `sudo groupadd -f energy && sudo usermod -aG energy "$USER" && ` +
    `sudo chgrp energy ${files} && sudo chmod g+r ${files}   # then log in again. ` +
    'Whoever may read these counters can infer secrets of other processes ' +
    '(PLATYPUS, CVE-2020-8694): grant it on machines of your own only.'
  );
}
