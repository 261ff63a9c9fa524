import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { CounterFile } from './counter-file.ts';

/** USER_HZ is 100 on every Linux that userland sees. */
const tickNs = 10_000_000;
const finePath = '/sys/fs/cgroup/cpuacct/cpuacct.usage';

/**
 * The busy CPU time of the whole machine, all CPUs added, in ns since boot. /proc/stat counts in
 * ticks of 10 ms; the root control group counts in ns, where the system still has it (cgroup v1).
 */
export class MachineClock {
  readonly #stat = openSync('/proc/stat', 'r');
  readonly #buffer = Buffer.alloc(256);
  readonly #fine: CounterFile | undefined;

  constructor() {
    this.#fine = openFine(this.#busyTicks() * tickNs);
  }

  /** Busy ns since boot; idle, waiting for I/O and time stolen by other machines are not busy. */
  busyNs(): number {
    return this.#fine?.read() ?? this.#busyTicks() * tickNs;
  }

  /** Closes the files it reads. */
  close(): void {
    closeSync(this.#stat);
    this.#fine?.close();
  }

  #busyTicks(): number {
    const length = readSync(this.#stat, this.#buffer, 0, this.#buffer.length, 0);
    const line = this.#buffer.toString('latin1', 0, length);
    const [, user, nice, system, , , irq, softirq] = line.split(/\s+/, 9).map(Number);
    return (user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softirq ?? 0);
  }
}

/** In a container the same file counts the container alone: then it disagrees with /proc/stat. */
function openFine(busyNs: number): CounterFile | undefined {
  try {
    const file = new CounterFile(finePath);
    const ratio = file.read() / busyNs;
    if (ratio > 0.9 && ratio < 1.25) return file;
    file.close();
  } catch {
    // The file is an extra: without it ticks do.
  }
  return undefined;
}

/** Memory of the machine in bytes. */
export interface MachineMemory {
  totalBytes: number;
  usedBytes: number;
}

/** Reads /proc/meminfo; `used` is what programs could not get without swapping. */
export function machineMemory(): MachineMemory {
  const text = readFileSync('/proc/meminfo', 'latin1');
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  const totalBytes = bytes('MemTotal');
  return { totalBytes, usedBytes: totalBytes - bytes('MemAvailable') };
}

/** What /proc/cpuinfo says about the first CPU. */
export interface Processor {
  vendor: string;
  family: number;
  model: number;
  name: string;
  /** A hypervisor runs below: the CPUs are threads of a bigger part. */
  virtual: boolean;
  /** Hardware threads in this machine. */
  threads: number;
  /** Physical cores; as many as threads where the system does not tell them apart. */
  cores: number;
}

/** Reads the text of /proc/cpuinfo; missing fields are empty or 0. */
export function parseProcessor(text: string): Processor {
  const field = (name: string) =>
    new RegExp(`^${name}\\s*: *(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const threads = text.match(/^processor\s*:/gm)?.length ?? availableParallelism();
  return {
    vendor: field('vendor_id'),
    family: Number(field('cpu family') || 0),
    model: Number(field('model') || 0),
    name: field('model name') || field('CPU part') || 'unknown CPU',
    virtual: / hypervisor\b/.test(field('flags')),
    threads,
    cores: coresIn(text) || threads
  };
}

function coresIn(text: string): number {
  const cores = new Set<string>();
  let socket = '0';
  for (const [, name, number] of text.matchAll(/^(physical id|core id)\s*: *(\d+)$/gm)) {
    if (name === 'physical id') socket = number!;
    else cores.add(`${socket}/${number}`);
  }
  return cores.size;
}

/** This machine's processor. */
export function processor(): Processor {
  return parseProcessor(readFileSync('/proc/cpuinfo', 'latin1'));
}
