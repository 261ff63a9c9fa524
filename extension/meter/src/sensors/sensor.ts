import type { Domain, SensorStatus } from '../execution.ts';

export type { Domain } from '../execution.ts';

/** What is known about a sensor before it is read. Plain data: it crosses threads and stages. */
export interface SensorDescription {
  /** Stable across restarts, e.g. `powercap:intel-rapl:0`. */
  id: string;
  domain: Domain;
  /** The device as people know it, e.g. `package-0` or `NVIDIA H200`. */
  device: string;
  kind: 'measured' | 'modelled';
  /** The register holds values below this and starts again at 0; undefined: it never wraps. */
  wrapMicrojoules?: number;
  /** Smallest step of the counter. */
  unitMicrojoules: number;
  /** Nominal time between two updates of the counter in ns: RAPL 1e6, NVML 1e8. */
  periodNs: number;
  /**
   * The counter is the integral of a power that is the mean over this time before each reading, in
   * ns: its value is the energy at some moment in it. Undefined: it counts energy itself.
   */
  averageNs?: number;
  /** No plausible reading exceeds this mean power, in watts. */
  maxWatts: number;
  /** No plausible reading falls below this mean power, in watts. */
  minWatts: number;
  /** Lies inside another sensor's domain: shown, never added. */
  contained: boolean;
  /** Modelled only: what the model says of an idle machine, in watts. Measured idle power is learnt instead. */
  idleWatts?: number;
  /** Modelled only: true energy is at least this factor of the model's, in 95 % of cases. */
  relativeLow?: number;
  /** Modelled only: true energy is at most this factor of the model's, in 95 % of cases. */
  relativeHigh?: number;
}

/**
 * One value as the hardware gave it, or a gap with its reason. It was taken between `beforeNs` and
 * `afterNs` (CLOCK_MONOTONIC). Wraps, resets and freezes are the ledger's business.
 */
export type Reading =
  | { sensorId: string; beforeNs: number; afterNs: number; microjoules: number }
  | { sensorId: string; beforeNs: number; afterNs: number; gap: string };

/** Names the file that knows how to open a sensor. */
export type SensorSource = 'powercap' | 'perf' | 'nvml' | 'hwmon' | 'battery' | 'http' | 'model';

/** A sensor that discovery found: enough to open it in another thread. */
export interface SensorPlace {
  source: SensorSource;
  description: SensorDescription;
  /** What the source needs to open it: paths, indices, addresses. */
  address: Record<string, string | number>;
}

/** An open sensor; it only reads. */
export interface Sensor {
  /**
   * The counter in microjoules.
   * @throws MeterError `sensor/unreadable`: the reader turns it into a gap.
   */
  read(): number;
  close(): void;
}

/** What a source found: sensors to read, and a line for `joulebook doctor` about each device. */
export interface Discovery {
  places: SensorPlace[];
  statuses: SensorStatus[];
}
