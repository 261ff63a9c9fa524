import * as tf from '@tensorflow/tfjs';
import { countExamples } from '../data/batches.ts';
import { autodiff } from '../estimators/autodiff.ts';
import type { Estimator } from '../estimators/estimator.ts';
import type { MeasuredBlock } from '../measure.ts';
import type { Transform } from '../optim/transform.ts';
import { mapTree, release, type Tree } from '../tree.ts';
import type { Moments } from './batch-statistics.ts';
import { readCheckpoint, takeCheckpoint, type Progress } from './checkpoint.ts';
import {
  ownReasons,
  takeLocalStep,
  takeSharedStep,
  type Exchange,
  type OwnReason,
  type SharedStep,
  type StepTaken
} from './exchange.ts';
import type { FitOptions } from './options.ts';
import { batchLoss, lossOnBatch, type Network } from './network.ts';
import { BestEpoch } from './patience.ts';
import { meetOthers, stepTogether, type SharedRun } from './shared-run.ts';
import type { Source } from './sources.ts';
import { finiteLoss, releasePosition, takeStep, type Position, type Stepped } from './step.ts';
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
  /** How to get gradients, unless by differentiation. */
  readonly estimator: Estimator | undefined;
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
  /** Computes steps as one function with the other workers, where that is possible. */
  readonly #shared: SharedStep<P> | undefined;
  #best: BestEpoch<P> | undefined;
  readonly #losses: number[] = [];
  readonly #epochs: Epoch[] = [];
  #at: Position<P>;
  #lossSum = 0;
  #batches = 0;
  /** Steps taken, those before a checkpoint included. */
  step = 0;

  /**
   * Prepares a run, at the start or at a checkpoint.
   * @param parts What the run is made of.
   */
  constructor(parts: RunParts<P>) {
    const { network, optimizer, estimator, options, block } = parts;
    this.#parts = parts;
    if (!estimator)
      this.#shared = options.workers?.stepOf?.(batchLoss(network, options.loss), optimizer);
    if (options.validation) countExamples(options.validation);
    const { earlyStopping, onProgress, resume } = options;
    const steps = options.steps ?? Number.MAX_SAFE_INTEGER;
    this.#watch = new Watch({ ...options, steps }, block, onProgress !== undefined);
    if (earlyStopping) this.#best = new BestEpoch(earlyStopping);
    const state = optimizer.init(network.params);
    this.#at = { params: mapTree(network.params, leaf => leaf.clone()), state };
    try {
      if (resume) this.#goTo(resume);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /**
   * Trains until a rule ends the run.
   * @param source Where the batches come from.
   * @returns What the run reached; its parameters belong to the caller.
   */
  async train(source: Source): Promise<RunResult<P>> {
    const { epochs = this.#parts.options.steps === undefined ? 1 : Infinity, workers } =
      this.#parts.options;
    if (workers) await meetOthers(workers, this.#together(workers, source));
    for (;;) {
      const stopped = this.#watch.reason(this.step, this.#losses.at(-1) ?? Infinity);
      const own = workers && ownReasons.find(reason => reason === stopped);
      if (stopped && !own) return this.#result(stopped, source);
      if (this.step >= epochs * source.perEpoch) return this.#result('steps', source);
      const ended = workers
        ? await stepTogether(workers, this.#together(workers, source, own))
        : await this.#takeStep(source);
      if (ended) return this.#result(ended, source);
      const isOver = this.step % source.perEpoch === 0 && this.#endEpoch();
      await this.#afterStep(source);
      if (isOver) return this.#result('patience', source);
    }
  }

  /** Frees what was not handed over. */
  free(): void {
    this.#shared?.dispose();
    this.#freePosition();
  }

  #freePosition(): void {
    this.#best?.free();
    release(this.#at.params);
    release(this.#at.state);
  }

  /** Takes a step, and says why there is none to take. */
  async #takeStep(source: Source): Promise<StopReason | undefined> {
    const { network, optimizer, estimator = autodiff(), options } = this.#parts;
    const batch = await source.next(this.step);
    if (!batch) {
      this.#endEpoch();
      return 'steps';
    }
    try {
      const loss = lossOnBatch(network, options.loss, batch, true);
      this.#advance(takeStep(optimizer, estimator, loss, this.#at));
    } finally {
      tf.dispose([batch.inputs, batch.targets]);
    }
    return undefined;
  }

  /** This run as the other workers meet it. */
  #together(workers: Exchange, source: Source, reason?: OwnReason): SharedRun<P> {
    return {
      take: () => this.#takeSharedStep(workers, source, reason),
      advance: next => this.#advance(next),
      checkpoint: () => takeCheckpoint(this.step, this.#at, this.#progress),
      goTo: bytes => this.#goTo(bytes)
    };
  }

  async #takeSharedStep(
    workers: Exchange,
    source: Source,
    reason: OwnReason | undefined
  ): Promise<StepTaken<P>> {
    const { network, optimizer, estimator = autodiff(), options } = this.#parts;
    const batch = (await source.next(this.step, workers))!;
    try {
      const loss = lossOnBatch(network, options.loss, batch, true);
      const examples = batch.inputs.shape[0] ?? 0;
      const { params } = this.#at;
      const parts = {
        ...{ optimizer, estimator, loss, exchange: workers, examples, reason },
        together: this.#shared && (() => this.#shared!.compute(params, batch, reason)),
        update: (mean: Tree, from: Position<P>) => this.#shared?.update(mean, from, this.step),
        advance: (moments: readonly Moments[]) => network.statistics?.advance(moments)
      };
      return workers.localSteps > 1 && examples > 0
        ? await takeLocalStep(parts, this.#at, this.step)
        : await takeSharedStep(parts, this.#at);
    } finally {
      tf.dispose([batch.inputs, batch.targets]);
    }
  }

  #goTo(checkpoint: Uint8Array): void {
    const { network, options } = this.#parts;
    const { step, progress, ...position } = readCheckpoint(checkpoint, network.params);
    this.#freePosition();
    [this.step, this.#at] = [step, position];
    [this.#lossSum, this.#batches] = [progress.lossSum, progress.batches];
    if (options.earlyStopping) this.#best = new BestEpoch(options.earlyStopping, progress.best);
    else if (progress.best?.params) release(progress.best.params);
    if (!progress.statistics) return;
    network.statistics?.write(progress.statistics);
    release(progress.statistics);
  }

  #advance(next: Stepped<P>): void {
    releasePosition(this.#at, next);
    this.#at = next;
    this.#losses.push(next.loss);
    this.#lossSum += next.loss;
    this.#batches++;
    this.step++;
  }

  async #afterStep(source: Source): Promise<void> {
    const { checkpoint, onProgress } = this.#parts.options;
    const { step } = this;
    const saves = checkpoint && (this.#parts.options.workers?.rank ?? 0) === 0;
    if (saves && step % checkpoint.every === 0) {
      await checkpoint.save(takeCheckpoint(step, this.#at, this.#progress));
    }
    const { seconds, joules } = this.#watch;
    const epoch = Math.floor((step - 1) / source.perEpoch);
    onProgress?.({ step, epoch, loss: this.#losses.at(-1)!, seconds, joules });
    await this.#watch.turn();
  }

  get #progress(): Progress<P> {
    const [lossSum, batches] = [this.#lossSum, this.#batches];
    const { statistics } = this.#parts.network;
    const kept = statistics && { statistics: statistics.values };
    return { lossSum, batches, best: this.#best?.state ?? null, ...kept };
  }

  /** Takes stock of an epoch, and says whether patience is over. */
  #endEpoch(): boolean {
    const { network, options } = this.#parts;
    if (this.#batches === 0) return false;
    const loss = this.#lossSum / this.#batches;
    [this.#lossSum, this.#batches] = [0, 0];
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
