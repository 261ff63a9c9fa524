import type {
  Execution,
  Kernel,
  MessageCounts,
  MeterCost,
  Policy,
  PowerNow,
  SensorStatus
} from './execution.ts';
import type { Places } from './paths.ts';
import type { SensorsOf } from './sensors/shared-bank.ts';

/** What a meter is made of. */
export interface MeterOptions {
  places: Places;
  /** Default: `active`. */
  policy?: Policy;
  /** Script of the reader thread. Default: beside the running program. */
  readerEntry?: string;
  /** Where readings come from. Default: sensors of this meter alone. */
  sensors?: SensorsOf;
}

/** What a meter tells unasked, by event name. */
export interface MeterEvents {
  /** A cell began; status `running`. */
  started: [Execution];
  /** A running execution with its energy so far. */
  progress: [Execution];
  finished: [Execution];
  power: [PowerNow];
  /** The kernels changed: all of them. */
  kernels: [Kernel[]];
  /** A line for people about what is not metered. */
  trouble: [string];
}

/** A meter's account of itself. */
export interface MeterStatus {
  policy: Policy;
  sensors: SensorStatus[];
  kernels: Kernel[];
  meter: MeterCost;
  counts: MessageCounts;
}
