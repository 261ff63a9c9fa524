import type { CarbonRecord } from 'kernel-helpers/impact/figures';
import type { ImpactSettings } from './impact-types';

/** Where a reading was taken; `core` and `uncore` lie inside `package`. */
export type Domain = 'package' | 'dram' | 'gpu' | 'psys' | 'battery' | 'wall' | 'core' | 'uncore';

/** Whether a value came from a counter, from an estimate, or not at all. */
export type Kind = 'measured' | 'modelled' | 'missing';

/** An energy in joules with its 95 % interval; `below` marks a window too short to resolve. */
export interface Energy {
  joules: number | null;
  low: number | null;
  high: number | null;
  kind: Kind;
  reason?: string;
  below?: true;
}

/** The part of an energy that one domain saw; `contained` parts are never added. */
export interface DomainEnergy extends Energy {
  domain: Domain;
  sensor: string;
  contained: boolean;
}

/** How an execution stands: `lost` rows were running when the daemon died. */
export type ExecutionStatus =
  'running' | 'ok' | 'error' | 'aborted' | 'interrupted' | 'died' | 'lost';

/** A labelled `measure()` block inside an execution. */
export interface Measure {
  id: string;
  parent_id: string | null;
  label: string;
  start_ns: number;
  end_ns: number | null;
  total: Energy;
}

/** A stretch of time for which a domain has no readings. */
export interface Gap {
  domain: Domain;
  from_ns: number;
  to_ns: number;
  reason: string;
}

/** One run of one cell, as the daemon stores it; times in ns of the monotonic clock. */
export interface Execution {
  id: string;
  kernel_id: string;
  kernel_name: string;
  msg_id: string;
  execution_count: number | null;
  source_sha256: string | null;
  notebook: string | null;
  notebook_path?: string | null;
  cell_id: string | null;
  status: ExecutionStatus;
  started_at: string;
  ended_at: string | null;
  start_ns: number;
  end_ns: number | null;
  policy: Policy;
  total: Energy;
  domains: DomainEnergy[];
  idle_joules: number | null;
  cpu_seconds: number | null;
  read_bytes: number | null;
  written_bytes: number | null;
  /** Of everything in the kernel's network namespace; absent in older histories. */
  network?: { sent_bytes: number; received_bytes: number } | null;
  /** What a live service told of the grid meanwhile. */
  carbon?: CarbonRecord;
  peak_memory_bytes: number | null;
  gaps: Gap[];
  measures: Measure[];
}

/** The rule that splits energy among processes, idle and others. */
export type Policy = 'active' | 'share-idle' | 'exclusive';

/** A source of readings and what the doctor says about it. */
export interface Sensor {
  id: string;
  domain: Domain;
  device: string;
  kind: 'measured' | 'modelled';
  state: 'active' | 'denied' | 'absent' | 'failing' | 'duplicate' | 'contained';
  detail: string;
  remedy?: string;
}

/** A kernel the daemon knows; `remote` ones run on another host and are not measured. */
export interface Kernel {
  kernel_id: string;
  kernel_name: string;
  connection_file: string;
  pid: number | null;
  notebook: string | null;
  /** The notebook's path from the server's root, when it lies there. */
  notebook_path?: string | null;
  state: 'busy' | 'idle' | 'unknown';
  watts: number | null;
  remote: boolean;
}

/** What the daemon says of itself, its sensors and the kernels it watches. */
export interface Status {
  version: string;
  /** One user, or all users of the machine: then only its administrator can act on a remedy. */
  serves: 'user' | 'system';
  pid: number;
  started_at: string;
  node: string;
  policy: Policy;
  sensors: Sensor[];
  kernels: Kernel[];
}

/** A power in watts with its 95 % interval. */
export interface Watts {
  watts: number | null;
  low: number | null;
  high: number | null;
  kind: Kind;
}

/** The machine's power now, by domain and in all; `at` is the daemon's time of reading, ISO 8601. */
export interface Power {
  at: string;
  domains: (Watts & { domain: Domain })[];
  total: Watts;
}

/** Says which cell of which notebook an execution request belongs to. */
export interface Label {
  msg_id: string;
  notebook: string;
  cell_id: string;
  kernel_id?: string;
}

/** The daemon's own settings; `retention_days` 0 keeps history for ever. */
export interface DaemonSettings {
  policy: Policy;
  retention_days: number;
  impact?: Partial<ImpactSettings>;
}

/** Selects executions; `after_id` pages onwards from a row already seen. */
export interface ExecutionQuery {
  notebook?: string;
  kernel_id?: string;
  status?: ExecutionStatus;
  since?: string;
  until?: string;
  after_id?: string;
  limit?: number;
  order?: 'asc' | 'desc';
}

/** In which languages a new tutorial can be had. */
export type TutorialLanguage = 'typescript' | 'python';
