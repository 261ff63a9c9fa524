import type { Tree } from '../tree.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Exchange, OwnReason, StepTaken } from './exchange.ts';
import type { Stepped } from './step.ts';

/** A run that workers take together, as far as meeting and losing others concerns it. */
export interface SharedRun<P extends Tree> {
  /** Computes the step that is next, from where the run is. */
  take(): Promise<StepTaken<P>>;
  /** Goes on to what a step reached. */
  advance(next: Stepped<P>): void;
  /** Where the run is. */
  checkpoint(): Checkpoint;
  /** Goes on from where another worker is. */
  goTo(checkpoint: Uint8Array): void;
}

/**
 * Takes a step with the other workers; when some are lost, goes on with those that are left.
 * @param exchange The workers.
 * @param run The run, at the same step on all of them.
 * @returns Why there is no step to take, if somebody wanted to end.
 * @throws HelperError what the step throws, and `distributed/*` when the group cannot form anew.
 */
export async function stepTogether<P extends Tree>(
  exchange: Exchange,
  run: SharedRun<P>
): Promise<OwnReason | undefined> {
  for (;;) {
    try {
      const step = await run.take();
      if ('reason' in step) return step.reason;
      run.advance(step.next);
      if (!step.hasNewcomer) return undefined;
      await exchange.recover();
      await meetOthers(exchange, run);
      return undefined;
    } catch (error) {
      await exchange.recover(error as Error);
      await meetOthers(exchange, run);
    }
  }
}

/**
 * Starts from where the farthest worker is: all are equal afterwards, bit for bit. Those lost meanwhile are left behind.
 * @param exchange The workers.
 * @param run The run.
 * @throws HelperError `distributed/*` when the group cannot form anew.
 */
export async function meetOthers<P extends Tree>(
  exchange: Exchange,
  run: SharedRun<P>
): Promise<void> {
  for (;;) {
    const { step, bytes: own } = run.checkpoint();
    try {
      const { bytes } = await exchange.farthest(step, own);
      if (bytes !== own) run.goTo(bytes);
      return;
    } catch (error) {
      await exchange.recover(error as Error);
    }
  }
}
