import { readFileSync } from 'node:fs';

/** What has gone through a network's interfaces since they came up, the loopback left out. */
export interface NetworkCount {
  sentBytes: number;
  receivedBytes: number;
}

/** Fields of a line of /proc/net/dev, after the interface's name. */
const receivedField = 0;
const sentField = 8;

/**
 * Reads the counters of the network that a process sees. The system counts by network namespace, not by process, so everything
 * that shares the namespace is in it: the whole host, or the whole container.
 * @returns undefined where the system does not tell (other than Linux, or the process has gone).
 */
export function readNetwork(pid: number): NetworkCount | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/net/dev`, 'utf8');
  } catch {
    return undefined;
  }
  return parseNetwork(text);
}

/** Adds up the interfaces of a /proc/net/dev. */
export function parseNetwork(text: string): NetworkCount {
  const count = { sentBytes: 0, receivedBytes: 0 };
  for (const line of text.split('\n').slice(2)) {
    const [name = '', values] = line.split(':');
    if (values === undefined || name.trim() === 'lo') continue;
    const fields = values.trim().split(/\s+/).map(Number);
    count.receivedBytes += fields[receivedField] ?? 0;
    count.sentBytes += fields[sentField] ?? 0;
  }
  return count;
}
