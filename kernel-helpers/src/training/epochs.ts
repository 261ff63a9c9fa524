import * as tf from '@tensorflow/tfjs';
import type { Examples } from '../data/batches.ts';
import type { Estimator } from '../estimators/estimator.ts';
import type { MeasuredBlock } from '../measure.ts';
import type { Transform } from '../optim/transform.ts';
import { mapTree, release, type Tree } from '../tree.ts';
import { readCheckpoint, takeCheckpoint } from './checkpoint.ts';
import type { FitOptions } from './options.ts';
import { lossOnBatch, type Network } from './network.ts';
import { BestEpoch } from './patience.ts';
import type { Source } from './sources.ts';
import { finiteLoss, releasePosition, takeStep, type Position } from './step.ts';
import { Watch, type StopReason } from './stopping.ts';

/** One pass through the data. */
export interface Epoch {
  /** Mean loss of its batches. */
  readonly loss: number;
  /** Loss of the validation examples after it, if there are any. */
  readonly validation?: number;
  /** Seconds since the start of the run. */
  readonly seconds: number;
}

/** What a run is made of. */
export interface RunParts<P extends Tree> {
  readonly network: Network<P>;
  readonly optimizer: Transform;
  readonly estimator: Estimator;
  readonly options: FitOptions;
  readonly block: MeasuredBlock;
}

/** What a run reached. */
export interface RunResult<P extends Tree> {
  readonly params: P;
  readonly losses: readonly number[];
  readonly epochs: readonly Epoch[];
  readonly steps: number;
  readonly stopped: StopReason;
  readonly perEpoch: number;
}

/** One run of `fit`: owns its parameters and state until they are handed over. */
export class Epochs<P extends Tree> {
  readonly #parts: RunParts<P>;
  readonly #watch: Watch;
  readonly #best: BestEpoch<P> | undefined;
  readonly #losses: number[] = [];
  readonly #epochs: Epoch[] = [];
  #at: Position<P>;
  #epochStart = 0;
  /** Steps taken, those before a checkpoint included. */
  step = 0;

  /**
   * Prepares a run, at the start or at a checkpoint.
   * @param parts What the run is made of.
   */
  constructor(parts: RunParts<P>) {
    const { network, optimizer, options, block } = parts;
    this.#parts = parts;
    const { earlyStopping, onProgress, resume } = options;
    if (earlyStopping) this.#best = new BestEpoch(earlyStopping);
    const steps = options.steps ?? Number.MAX_SAFE_INTEGER;
    this.#watch = new Watch({ ...options, steps }, block, onProgress !== undefined);
    if (resume) {
      const { step, ...position } = readCheckpoint(resume, network.params);
      [this.step, this.#at] = [step, position];
      return;
    }
    const state = optimizer.init(network.params);
    this.#at = { params: mapTree(network.params, leaf => leaf.clone()), state };
  }

  /**
   * Trains until a rule ends the run.
   * @param source Where the batches come from.
   * @returns What the run reached; its parameters belong to the caller.
   */
  async train(source: Source): Promise<RunResult<P>> {
    const { epochs = this.#parts.options.steps === undefined ? 1 : Infinity } = this.#parts.options;
    for (;;) {
      const stopped = this.#watch.reason(this.step, this.#losses.at(-1) ?? Infinity);
      if (stopped) return this.#result(stopped, source);
      if (this.step >= epochs * source.perEpoch) return this.#result('steps', source);
      const batch = await source.next(this.step);
      if (!batch) {
        this.#endEpoch();
        return this.#result('steps', source);
      }
      this.#takeStep(batch);
      await this.#afterStep(source);
      if (this.step % source.perEpoch === 0 && this.#endEpoch())
        return this.#result('patience', source);
    }
  }

  /** Frees what was not handed over. */
  free(): void {
    this.#best?.free();
    release(this.#at.params);
    release(this.#at.state);
  }

  #takeStep(batch: Examples): void {
    const { network, optimizer, estimator, options } = this.#parts;
    try {
      const loss = lossOnBatch(network, options.loss, batch, true);
      const next = takeStep(optimizer, estimator, loss, this.#at);
      releasePosition(this.#at, next);
      this.#at = next;
      this.#losses.push(next.loss);
      this.step++;
    } finally {
      tf.dispose([batch.inputs, batch.targets]);
    }
  }

  async #afterStep(source: Source): Promise<void> {
    const { checkpoint, onProgress } = this.#parts.options;
    const { step } = this;
    if (checkpoint && step % checkpoint.every === 0) {
      await checkpoint.save(takeCheckpoint(step, this.#at));
    }
    const { seconds, joules } = this.#watch;
    const epoch = Math.floor((step - 1) / source.perEpoch);
    onProgress?.({ step, epoch, loss: this.#losses.at(-1)!, seconds, joules });
    await this.#watch.turn();
  }

  /** Takes stock of an epoch, and says whether patience is over. */
  #endEpoch(): boolean {
    const { network, options } = this.#parts;
    const losses = this.#losses.slice(this.#epochStart);
    if (losses.length === 0) return false;
    this.#epochStart = this.#losses.length;
    const loss = losses.reduce((sum, x) => sum + x, 0) / losses.length;
    const { seconds } = this.#watch;
    const { validation: examples } = options;
    const validation =
      examples &&
      tf.tidy(() =>
        finiteLoss(lossOnBatch(network, options.loss, examples, false)(this.#at.params))
      );
    this.#epochs.push({ loss, ...(validation === undefined ? {} : { validation }), seconds });
    return this.#best?.add(validation ?? loss, this.#at.params) ?? false;
  }

  #result(stopped: StopReason, source: Source): RunResult<P> {
    const best = this.#best?.take();
    const params = best ?? mapTree(this.#at.params, leaf => leaf.clone());
    const perEpoch = Number.isFinite(source.perEpoch) ? source.perEpoch : this.#losses.length;
    return {
      params,
      losses: this.#losses,
      epochs: this.#epochs,
      steps: this.#losses.length,
      stopped,
      perEpoch
    };
  }
}
