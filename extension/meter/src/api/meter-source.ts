import type { EventEmitter } from 'node:events';
import type { Label, MeasureResult, Policy, PowerNow } from '../execution.ts';
import type { MeterEvents, MeterStatus } from '../meter-types.ts';

export type { MeterEvents, MeterStatus } from '../meter-types.ts';

/** What the api and the daemon use of a meter; `Meter` is one, tests drive a small one of their own. */
export interface MeterSource extends Pick<EventEmitter<MeterEvents>, 'on' | 'off'> {
  status(): MeterStatus;
  power(): PowerNow;
  /**
   * Opens a block in the running execution whose kernel's process tree holds `pid`.
   * @throws MeterError `measure/not-a-kernel` when there is none, `measure/too-many` when 1000 are open.
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
  /**
   * Changes the policy of executions that start from now on.
   * @param kernelId Of this kernel alone; default: of all that have no policy of their own.
   */
  setPolicy(policy: Policy, kernelId?: string): void;
  /** Looks for sensors now. */
  discover(): void;
}
