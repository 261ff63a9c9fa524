import type { EventEmitter } from 'node:events';
import type {
  Execution,
  Kernel,
  Label,
  MeasureResult,
  MessageCounts,
  MeterCost,
  Policy,
  PowerNow,
  SensorStatus
} from '../execution.ts';

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
  /** A running execution learnt which cell it is of. */
  relabelled: [Label];
}

/** A meter's account of itself. */
export interface MeterStatus {
  policy: Policy;
  sensors: SensorStatus[];
  kernels: Kernel[];
  meter: MeterCost;
  counts: MessageCounts;
}

/** What the api and the daemon use of a meter; `Meter` is one, tests drive a small one of their own. */
export interface MeterSource extends Pick<EventEmitter<MeterEvents>, 'on' | 'off'> {
  status(): MeterStatus;
  power(): PowerNow;
  /**
   * Opens a block in the running execution whose kernel's process tree holds `pid`.
   * @throws MeterError `measure/not-a-kernel` when there is none.
   */
  openMeasure(block: { pid: number; label: string; parentId?: string }): {
    id: string;
    startNs: number;
  };
  /**
   * Answers once the block's readings have settled, 2 s at most.
   * @throws MeterError `measure/unknown`
   */
  endMeasure(id: string): Promise<MeasureResult>;
  /** What an open `measure()` block has used so far. */
  previewMeasure(id: string): MeasureResult;
  label(label: Label): void;
  setPolicy(policy: Policy): void;
}
