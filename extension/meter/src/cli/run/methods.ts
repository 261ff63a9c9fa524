import { cpus, machine, release, totalmem, type } from 'node:os';
import type { Status } from '../../api/schemas/status.ts';
import { version } from '../../version.ts';

/** What somebody needs to judge an energy, or to measure it again. */
export interface Methods {
  /** Of joulebook. */
  version: string;
  /** The version of Node.js that runs the meter and the TypeScript kernel. */
  node: string;
  /** ISO 8601, of the end of the run. */
  date: string;
  policy: Status['policy'];
  machine: { processor: string; cores: number; memory_bytes: number; system: string };
  sensors: Pick<Status['sensors'][number], 'id' | 'domain' | 'device' | 'kind'>[];
}

/** Says how a run that ends now was measured: versions, machine, sensors; no name of host or user. */
export function methodsOf(status: Status, date = new Date()): Methods {
  const cores = cpus();
  return {
    version,
    node: process.versions.node,
    date: date.toISOString(),
    policy: status.policy,
    machine: {
      processor: cores[0]?.model.trim() || 'unknown',
      cores: cores.length,
      memory_bytes: totalmem(),
      system: `${type()} ${release()} ${machine()}`
    },
    sensors: status.sensors
      .filter(({ state }) => state === 'active' || state === 'contained')
      .map(({ id, domain, device, kind }) => ({ id, domain, device, kind }))
  };
}
