import { LabError } from '../errors';
import type { Label } from '../api/types';

/** Sends one batch of labels; rejects when the daemon could not take it. */
export type SendLabels = (labels: Label[]) => Promise<void>;

const BATCH = 1_000;

/**
 * Labels on their way to the daemon. They wait while it is away, since a label may come after its
 * execution; a label is let go of only when it was taken, or refused by itself.
 */
export class LabelQueue {
  private waiting: Label[] = [];
  private sending = false;
  private scheduled = false;

  constructor(private readonly send: SendLabels) {}

  /** How many labels have not been taken yet. */
  get size(): number {
    return this.waiting.length;
  }

  /** Adds a label; those of one turn of the event loop travel together. */
  add(label: Label): void {
    this.waiting.push(label);
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      void this.flush();
    });
  }

  /** Sends what waits; call again when the daemon is back. */
  async flush(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      while (this.waiting.length > 0) {
        const batch = this.waiting.slice(0, BATCH);
        await this.deliver(batch);
        this.waiting = this.waiting.slice(batch.length);
      }
    } catch {
      // The labels stay in `waiting`; whoever notices the daemon's return calls flush again.
    } finally {
      this.sending = false;
    }
  }

  /** A batch that is refused goes in halves, until the label that was meant stands alone. */
  private async deliver(batch: Label[]): Promise<void> {
    try {
      await this.send(batch);
    } catch (error) {
      if (!(error instanceof LabError && error.code === 'api/bad-request')) throw error;
      if (batch.length === 1) {
        console.warn(`joulebook: the meter refuses the name of a cell: ${error.message}`);
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await this.deliver(batch.slice(0, half));
      await this.deliver(batch.slice(half));
    }
  }
}
