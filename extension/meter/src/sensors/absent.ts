import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { SensorStatus } from '../execution.ts';
import { namesIn, textOf } from './sysfs-files.ts';

/** What is known of the machine when a source found nothing. */
export interface Surroundings {
  /** Root of sysfs. */
  sysfs: string;
  /** A hypervisor runs below. */
  virtual: boolean;
}

/**
 * A line for each kind of source that was looked for and is not there: what is missing is said, with
 * the step that may bring it.
 * @param found What the sources told of.
 */
export function absentSources(
  found: readonly SensorStatus[],
  machine: Surroundings
): SensorStatus[] {
  const isTold = (...sources: string[]) =>
    found.some(({ id }) => sources.includes(id.slice(0, id.indexOf(':'))));
  return [
    ...(isTold('powercap', 'perf') ? [] : [processorCounters(machine)]),
    ...(found.some(({ domain }) => domain === 'gpu') ? [] : [gpus(machine.sysfs)]),
    ...(isTold('shelly', 'prometheus', 'http') ? [] : [networkMeters])
  ];
}

function processorCounters({ sysfs, virtual }: Surroundings): SensorStatus {
  const line = {
    id: 'powercap:none',
    domain: 'package',
    device: 'RAPL',
    kind: 'measured'
  } as const;
  if (isHidden(sysfs)) {
    const detail = 'the counters are hidden from this container';
    return { ...line, state: 'absent', detail, remedy: hiddenRemedy };
  }
  if (virtual) {
    const detail = 'a virtual machine: its host does not show the processor’s counters';
    return { ...line, state: 'absent', detail };
  }
  const detail = 'Linux shows no energy counters of this processor';
  return { ...line, state: 'absent', detail, remedy: 'sudo modprobe intel_rapl_msr' };
}

const hiddenRemedy =
  'start the container privileged, as root, or ask its node for one meter of all users: joulebook serve --system';

/**
 * Whether a container's runtime covers the folder of the counters, as Kubernetes does for every container that is not privileged: the links
 * to them are there and lead nowhere.
 */
function isHidden(sysfs: string): boolean {
  const root = join(sysfs, 'class', 'powercap');
  const zones = namesIn(root).filter(name => name.includes('rapl:'));
  return zones.length > 0 && zones.every(name => !existsSync(join(root, name)));
}

/** A card that is there but whose driver is not would otherwise count as nothing, silently. */
function gpus(sysfs: string): SensorStatus {
  const line = { id: 'gpu:none', domain: 'gpu', kind: 'measured' } as const;
  if (!hasNvidiaCard(sysfs)) {
    return { ...line, device: 'GPU', state: 'absent', detail: 'no GPU that tells its energy' };
  }
  return {
    ...line,
    device: 'NVIDIA GPU',
    state: 'failing',
    detail: 'there is an NVIDIA GPU, but not its driver’s library: its energy is not counted',
    remedy: 'install NVIDIA’s driver; start a container with `--gpus all`'
  };
}

/** Whether the bus has a display controller (class 03) of NVIDIA (10de): Linux, Documentation/ABI/testing/sysfs-bus-pci. */
function hasNvidiaCard(sysfs: string): boolean {
  const root = join(sysfs, 'bus', 'pci', 'devices');
  return namesIn(root).some(name => {
    const [vendor, kind] = ['vendor', 'class'].map(file => textOf(join(root, name, file)));
    return vendor === '0x10de' && kind?.startsWith('0x03');
  });
}

const networkMeters: SensorStatus = {
  id: 'http:none',
  domain: 'wall',
  device: 'meter on the network',
  kind: 'measured',
  state: 'absent',
  detail: 'none is named',
  remedy: 'JOULEBOOK_METERS=shelly=http://ADDRESS joulebook serve'
};
