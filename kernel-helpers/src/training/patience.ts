import { checkNumber } from '../errors.ts';
import { mapTree, release, type Tree } from '../tree.ts';

/** Ends a run that no longer improves. */
export interface EarlyStopping {
  /** Epochs without improvement after which the run ends, at least 1. */
  patience: number;
  /** By how much the loss must fall to count. @default 0 */
  minDelta?: number;
  /** Whether the best parameters are given back instead of the last. @default true */
  restoreBest?: boolean;
}

/** Remembers the best epoch. */
export class BestEpoch<P extends Tree> {
  readonly #options: EarlyStopping;
  #loss = Infinity;
  #since = 0;
  #params: P | null = null;

  /**
   * Starts with no epoch.
   * @param options When to end.
   */
  constructor(options: EarlyStopping) {
    checkNumber('patience', options.patience, { from: 1, integer: true });
    this.#options = options;
  }

  /**
   * Takes an epoch into account.
   * @param loss Its loss: that of validation where there is one.
   * @param params The parameters after it.
   * @returns Whether the run should end.
   */
  add(loss: number, params: P): boolean {
    const { patience, minDelta = 0, restoreBest = true } = this.#options;
    if (loss >= this.#loss - minDelta) return ++this.#since >= patience;
    this.#loss = loss;
    this.#since = 0;
    if (!restoreBest) return false;
    this.free();
    this.#params = mapTree(params, leaf => leaf.clone());
    return false;
  }

  /**
   * Hands the best parameters over.
   * @returns New tensors, or null when none were kept.
   */
  take(): P | null {
    const best = this.#params;
    this.#params = null;
    return best;
  }

  /** Frees what is kept. */
  free(): void {
    if (this.#params) release(this.#params);
    this.#params = null;
  }
}
