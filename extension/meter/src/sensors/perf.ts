import { closeSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

import { MeterError, reasonOf } from '../errors.ts';
import type { SensorStatus } from '../execution.ts';
import { native } from './native.ts';
import type { Discovery, Domain, Sensor, SensorPlace } from './sensor.ts';

const systemCalls: Partial<Record<NodeJS.Architecture, number>> = { x64: 298, arm64: 241 };
const attributeBytes = 128;
/** RAPL's own unit: perf shows the register in finer steps than it has. */
const unitMicrojoules = 2 ** -14 * 1e6;
const updatePeriodNs = 1_000_000;

const events: readonly (readonly [string, Domain])[] = [
  ['energy-pkg', 'package'],
  ['energy-ram', 'dram'],
  ['energy-psys', 'psys'],
  ['energy-cores', 'core'],
  ['energy-gpu', 'uncore']
];

/**
 * Finds RAPL through the kernel's perf events: for machines where powercap is refused and perf is
 * allowed. One counter for each event and each package.
 * @param sysfs Root of sysfs.
 * @see perf_event_open(2); Documentation/ABI/testing/sysfs-bus-event_source-devices-events
 */
export function discoverPerf(sysfs: string): Discovery {
  const folder = join(sysfs, 'bus', 'event_source', 'devices', 'power');
  const places = events.flatMap(([event, domain]) => placesOf(folder, event, domain));
  const discovery: Discovery = { places: [], statuses: [] };
  for (const place of places) {
    const { id, domain, device } = place.description;
    const status = { id, domain, device, kind: 'measured' as const };
    try {
      openPerf(place).close();
      discovery.places.push(place);
      const state = place.description.contained ? 'contained' : 'active';
      discovery.statuses.push({ ...status, state, detail: 'reads RAPL through perf_event' });
    } catch (error) {
      discovery.statuses.push({ ...status, ...refusal(error) });
    }
  }
  return discovery;
}

/**
 * Opens one event on the CPU that stands for its package.
 * @throws MeterError `sensor/denied` or `sensor/unreadable`.
 */
export function openPerf(place: SensorPlace): Sensor {
  const { type, config, cpu, microjoules } = place.address;
  const descriptor = openEvent(Number(type), BigInt(config ?? 0), Number(cpu));
  const buffer = Buffer.alloc(8);
  return {
    read: () => {
      if (readSync(descriptor, buffer, 0, 8, null) !== 8) {
        throw new MeterError('sensor/unreadable', `perf gave no count for ${place.description.id}`);
      }
      return Math.round(Number(buffer.readBigUInt64LE()) * Number(microjoules));
    },
    close: () => closeSync(descriptor)
  };
}

function openEvent(type: number, config: bigint, cpu: number): number {
  const number = systemCalls[process.arch];
  if (number === undefined) {
    throw new MeterError('sensor/absent', `perf_event is not known on ${process.arch}`);
  }
  const attributes = Buffer.alloc(attributeBytes);
  attributes.writeUInt32LE(type, 0);
  attributes.writeUInt32LE(attributeBytes, 4);
  attributes.writeBigUInt64LE(config, 8);
  const koffi = native();
  const open = koffi
    .load(null)
    .func('long syscall(long, void *, int, int, int, unsigned long)') as (
    ...args: unknown[]
  ) => number;
  const descriptor = open(number, attributes, -1, cpu, -1, 0);
  if (descriptor >= 0) return descriptor;
  const { EACCES, EPERM } = koffi.os.errno;
  const denied = [EACCES, EPERM].includes(koffi.errno());
  throw new MeterError(
    denied ? 'sensor/denied' : 'sensor/unreadable',
    `perf_event_open failed with errno ${koffi.errno()}`
  );
}

function placesOf(folder: string, event: string, domain: Domain): SensorPlace[] {
  const text = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
  try {
    const type = Number(text('type'));
    const config = Number(/event=(0x[0-9a-f]+|\d+)/i.exec(text(`events/${event}`))?.[1]);
    const microjoules = Number(text(`events/${event}.scale`)) * 1e6;
    return cpusOf(text('cpumask')).map((cpu, number) => ({
      source: 'perf',
      description: {
        id: `perf:${event}:${number}`,
        domain,
        device: domain === 'package' ? `package-${number}` : `package-${number} ${domain}`,
        kind: 'measured',
        unitMicrojoules,
        periodNs: updatePeriodNs,
        maxWatts: 1000,
        minWatts: 0,
        contained: domain === 'core' || domain === 'uncore'
      },
      address: { type, config, cpu, microjoules }
    }));
  } catch {
    return [];
  }
}

/** A list such as `0,16-17`. */
function cpusOf(list: string): number[] {
  return list.split(',').flatMap(part => {
    const [first = NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function refusal(error: unknown): Pick<SensorStatus, 'state' | 'detail' | 'remedy'> {
  const detail = reasonOf(error);
  if (!(error instanceof MeterError) || error.code !== 'sensor/denied') {
    return { state: 'failing', detail };
  }
  return {
    state: 'denied',
    detail,
    remedy:
      'sudo sysctl kernel.perf_event_paranoid=0   # or grant CAP_PERFMON. Whoever may read these ' +
      'counters can infer secrets of other processes (PLATYPUS, CVE-2020-8694).'
  };
}
