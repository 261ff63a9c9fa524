import type { CarbonRecord } from 'kernel-helpers/impact';

/**
 * What a reading covers. `core` and `uncore` lie inside `package`; `psys`, `battery` and `wall`
 * contain `package` and `dram`.
 */
export type Domain = 'package' | 'dram' | 'gpu' | 'psys' | 'battery' | 'wall' | 'core' | 'uncore';

/**
 * The rule that splits energy. `active`: a cell gets its share of what exceeds idle; `share-idle`:
 * idle is split as well, by CPU time; `exclusive`: the whole machine's energy is the cell's.
 */
export type Policy = 'active' | 'share-idle' | 'exclusive';

/** Where a value comes from; `missing` has a reason and no number. */
export type EnergyKind = 'measured' | 'modelled' | 'missing';

/** An energy in joules with its 95 % interval. */
export interface Energy {
  /** Null when the kind is `missing`. */
  joules: number | null;
  low: number | null;
  high: number | null;
  kind: EnergyKind;
  /** Why the value is missing. */
  reason?: string;
  /** Too short to resolve: only `high` means something, show `< high J`. */
  below?: true;
}

/** The energy one sensor saw in a window. */
export interface DomainEnergy extends Energy {
  domain: Domain;
  /** Id of the sensor. */
  sensor: string;
  /** Lies inside another domain: shown, never added. */
  contained: boolean;
}

/** How an execution ended, or that it has not. `lost`: its end was never heard. */
export type ExecutionStatus =
  'running' | 'ok' | 'error' | 'aborted' | 'interrupted' | 'died' | 'lost';

/** A span in which a sensor gave nothing. Times in CLOCK_MONOTONIC ns. */
export interface ExecutionGap {
  domain: Domain;
  from_ns: number;
  to_ns: number;
  reason: string;
}

/**
 * Bytes through the network that the kernel sees while a cell runs. `namespace`: the system counts everything of one network
 * namespace together, so other programs of the host or container are in it.
 */
export interface NetworkTraffic {
  sent_bytes: number;
  received_bytes: number;
  scope: 'namespace';
}

/** One `measure()` block inside an execution. */
export interface ExecutionMeasure {
  id: string;
  /** Id of the block around this one. */
  parent_id: string | null;
  label: string;
  start_ns: number;
  end_ns: number;
  total: Energy;
}

/** One run of one cell, as the API, the store and `joulebook export` show it. */
export interface Execution {
  /** Grows with the start time; the same for the same message of the same kernel. */
  id: string;
  kernel_id: string;
  kernel_name: string;
  /** The `execute_request` that started it. */
  msg_id: string;
  execution_count: number | null;
  /** SHA-256 of the cell's source in UTF-8, in hexadecimal. */
  source_sha256: string | null;
  /** Absolute path, when known. */
  notebook: string | null;
  cell_id: string | null;
  status: ExecutionStatus;
  /** ISO 8601 in UTC with microseconds. */
  started_at: string;
  ended_at: string | null;
  /** CLOCK_MONOTONIC ns. */
  start_ns: number;
  end_ns: number | null;
  policy: Policy;
  /** The sum of domains that do not contain each other. */
  total: Energy;
  domains: DomainEnergy[];
  /** Idle energy of the machine in the window; part of `total` under `share-idle` and `exclusive`. */
  idle_joules: number | null;
  /** CPU time of the kernel's process tree, children that ended included. */
  cpu_seconds: number | null;
  read_bytes: number | null;
  written_bytes: number | null;
  peak_memory_bytes: number | null;
  /** Null or absent where the system does not tell. */
  network?: NetworkTraffic | null;
  /** What a live service told of the grid meanwhile, the mean where it told several times; absent where none did. */
  carbon?: CarbonRecord;
  gaps: ExecutionGap[];
  measures: ExecutionMeasure[];
}

/** A kernel the meter listens to. */
export interface Kernel {
  kernel_id: string;
  kernel_name: string;
  connection_file: string;
  pid: number | null;
  /** Absolute path, when known. */
  notebook: string | null;
  state: 'busy' | 'idle' | 'unknown';
  /** Mean power of the running cell, null when none runs. */
  watts: number | null;
  /** Its process is not on this host, so nothing here can measure it. */
  remote: boolean;
}

/**
 * What became of a source of readings. `contained`: read and shown, never added; `duplicate`: the
 * same counter through a second path, not read.
 */
export type SensorState = 'active' | 'denied' | 'absent' | 'failing' | 'duplicate' | 'contained';

/** A sensor as `joulebook doctor` lists it. */
export interface SensorStatus {
  id: string;
  domain: Domain;
  device: string;
  kind: 'measured' | 'modelled';
  state: SensorState;
  /** One sentence: what is read, or why not. */
  detail: string;
  /** The command or step that would make it work. */
  remedy?: string;
}

/** A power in watts with its 95 % interval. */
export interface Watts {
  watts: number | null;
  low: number | null;
  high: number | null;
  kind: EnergyKind;
}

/** The machine's power at one moment. */
export interface PowerNow {
  /** ISO 8601 in UTC with microseconds. */
  at: string;
  domains: (Watts & { domain: Domain })[];
  /** The sum of domains that do not contain each other. */
  total: Watts;
}

/** Which cell of which notebook a message came from, as a front end tells it. */
export interface Label {
  msg_id: string;
  /** Absolute path. */
  notebook: string;
  cell_id: string;
  kernel_id?: string;
}

/** The energy of one finished `measure()` block. */
export interface MeasureResult extends Energy {
  id: string;
  label: string;
  /** CLOCK_MONOTONIC ns. */
  start_ns: number;
  end_ns: number;
  seconds: number;
  domains: DomainEnergy[];
}

/** What the meter itself costs. */
export interface MeterCost {
  cpu_seconds: number;
  rss_bytes: number;
  /** Null while no sensor allows an estimate. */
  joules: number | null;
}

/** Messages that were heard and not used. */
export interface MessageCounts {
  bad_signatures: number;
  malformed_messages: number;
  unknown_messages: number;
}
