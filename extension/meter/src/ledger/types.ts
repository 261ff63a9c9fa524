import type { Domain, EnergyKind, Policy } from '../execution.ts';

export type { Policy } from '../execution.ts';

/** CPU time and memory of one kernel's process tree. */
export interface ActivityGroup {
  kernelId: string;
  /** CPU ns since the tree began: threads, and children that have ended, included. */
  cpuNs: number;
  residentBytes: number;
  /** GPU ns since the tree began by the device's name, where the driver tells it. */
  gpuNs?: Record<string, number>;
}

/** Who used the machine up to one moment. All times are totals, so that samples may be missed. */
export interface Activity {
  /** CLOCK_MONOTONIC ns. */
  atNs: number;
  /** Busy CPU ns of the whole machine, all CPUs added. */
  machineBusyNs: number;
  /** Hardware threads. */
  cpus: number;
  /** Physical cores: fewer than `cpus` where two threads share one. */
  cores: number;
  groups: ActivityGroup[];
  /** CPU ns of the meter itself; part of `machineBusyNs`. */
  meterCpuNs: number;
  /** Memory in use on the whole machine. */
  residentTotalBytes: number;
}

/** A window as it opens: one cell's execution, or a `measure()` block inside it. */
export interface WindowOpening {
  /** Unique among windows that have not settled. */
  id: string;
  kernelId: string;
  /** CLOCK_MONOTONIC ns. */
  startNs: number;
  /** Id of the window around this one; its energy then is a part of that window's. */
  parent?: string;
}

/** The energy of one window as one sensor saw it, in integer microjoules. */
export interface SensorEnergy {
  sensorId: string;
  domain: Domain;
  kind: Exclude<EnergyKind, 'missing'>;
  /** Lies inside another domain: shown, never added. */
  contained: boolean;
  /** With a gap in the window: what is known; then `lowMicrojoules` holds for the known part too. */
  microjoules: number;
  /** 95 % interval. */
  lowMicrojoules: number;
  highMicrojoules: number;
  /** The machine's idle energy in the window; inside `microjoules` unless the policy is `active`. */
  idleMicrojoules: number;
  /** Too short to resolve: only `highMicrojoules` means something. */
  below: boolean;
}

/** A span in which a sensor gave nothing that can be trusted. */
export interface EnergyGap {
  sensorId: string;
  fromNs: number;
  toNs: number;
  reason: string;
}

/** What a window cost. A sensor that saw nothing of it has a gap and no entry in `domains`. */
export interface WindowEnergy {
  id: string;
  domains: SensorEnergy[];
  gaps: EnergyGap[];
}

/** The latest mean power that one sensor saw, in watts with its 95 % interval. */
export interface DomainPower {
  sensorId: string;
  domain: Domain;
  kind: Exclude<EnergyKind, 'missing'>;
  contained: boolean;
  watts: number;
  low: number;
  high: number;
  /** CLOCK_MONOTONIC ns of the newest update it rests on. */
  atNs: number;
}

/**
 * Where a sensor's energy went in a span, in integer microjoules:
 * `advance = cells + background + idle + other + gap`, exactly.
 */
export interface Account {
  /** What the corrected counter advanced. */
  advance: number;
  cells: number;
  /** Kernels outside their windows. */
  background: number;
  idle: number;
  /** Processes that are no kernel's, the meter included. */
  other: number;
  /** Advance that could not be given to anybody. */
  gap: number;
}

/** What a ledger is told when it is made. */
export interface LedgerOptions {
  policy: Policy;
  /** Standard deviation of a window edge's time, in ns. */
  clockErrorNs: number;
}
