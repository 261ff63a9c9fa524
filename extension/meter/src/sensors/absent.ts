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

function processorCounters({ virtual }: Surroundings): SensorStatus {
  const line = {
    id: 'powercap:none',
    domain: 'package',
    device: 'RAPL',
    kind: 'measured'
  } as const;
  if (virtual) {
    const detail = 'a virtual machine: its host does not show the processor’s counters';
    return { ...line, state: 'absent', detail };
  }
  const detail = 'Linux shows no energy counters of this processor';
  return { ...line, state: 'absent', detail, remedy: 'sudo modprobe intel_rapl_msr' };
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
