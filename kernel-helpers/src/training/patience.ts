import { checkNumber } from '../errors.ts';
import { mapTree, release, type State, type Tree } from '../tree.ts';

/** Ends a run that no longer improves. */
export interface EarlyStopping {
  /** Epochs without improvement after which the run ends, at least 1. */
  patience: number;
  /** By how much the loss must fall to count. @default 0 */
  minDelta?: number;
  /** Whether the best parameters are given back instead of the last. @default true */
  restoreBest?: boolean;
}

/** What a checkpoint keeps of the best epoch: its loss and parameters, and how many epochs ago it was. */
export type Best<P extends Tree> = {
  readonly loss: number | null;
  readonly since: number;
  readonly params: P | null;
};

/** Remembers the best epoch. */
export class BestEpoch<P extends Tree> {
  readonly #options: EarlyStopping;
  #loss: number;
  #since: number;
  #params: P | null;

  /**
   * Starts with no epoch, or with what a checkpoint kept.
   * @param options When to end.
   * @param kept What `state` gave earlier; its tensors pass to this object.
   */
  constructor(options: EarlyStopping, kept?: Best<P> | null) {
    checkNumber('patience', options.patience, { from: 1, integer: true });
    this.#options = options;
    this.#loss = kept?.loss ?? Infinity;
    this.#since = kept?.since ?? 0;
    this.#params = kept?.params ?? null;
  }

  /** What a checkpoint keeps; its tensors stay this object's. */
  get state(): Best<P> & State {
    const loss = Number.isFinite(this.#loss) ? this.#loss : null;
    return { loss, since: this.#since, params: this.#params };
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
