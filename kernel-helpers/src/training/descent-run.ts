import * as tf from '@tensorflow/tfjs';
import { asScalar } from '../estimators/autodiff.ts';
import type { Estimator, Loss } from '../estimators/estimator.ts';
import type { Transform } from '../optim/transform.ts';
import { mapTree, release, type Tree } from '../tree.ts';
import { readCheckpoint, takeCheckpoint, type Checkpoint } from './checkpoint.ts';
import {
  ownReasons,
  takeLocalStep,
  takeSharedStep,
  type Exchange,
  type OwnReason,
  type StepTaken
} from './exchange.ts';
import { meetOthers, stepTogether, type SharedRun } from './shared-run.ts';
import { finiteNumber, releasePosition, takeStep, type Position, type Stepped } from './step.ts';
import type { StopReason } from './stopping.ts';

/** What a descent is made of. */
export interface DescentParts<P extends Tree> {
  readonly loss: Loss<P>;
  readonly optimizer: Transform;
  readonly estimator: Estimator;
  readonly workers?: Exchange | undefined;
}

/** One descent: owns its parameters and the optimiser's state until they are handed over. */
export class DescentRun<P extends Tree> {
  readonly #parts: DescentParts<P>;
  #at: Position<P>;
  /** The loss before each step that was taken here. */
  readonly losses: number[] = [];
  /** Steps taken, those before this worker joined the others included. */
  step = 0;
  /** The loss before the latest of them; infinite before the first. */
  loss = Infinity;

  /**
   * Stands at the start.
   * @param parts What the descent is made of.
   * @param theta Where to start; not changed.
   */
  constructor(parts: DescentParts<P>, theta: P) {
    this.#parts = parts;
    this.#at = { params: mapTree(theta, leaf => leaf.clone()), state: null };
    try {
      this.#at = { ...this.#at, state: parts.optimizer.init(this.#at.params) };
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Starts from where the farthest of the workers is. */
  async meet(): Promise<void> {
    const { workers } = this.#parts;
    if (workers) await meetOthers(workers, this.#together(workers));
  }

  /**
   * Takes a step, with the other workers if there are any.
   * @param reason Why this worker wants to end, if it does.
   * @returns Why the run ends instead of taking it.
   */
  async next(reason: StopReason | undefined): Promise<StopReason | undefined> {
    const { loss, optimizer, estimator, workers } = this.#parts;
    const own = workers && ownReasons.find(known => known === reason);
    if (reason && !own) return reason;
    if (workers) return stepTogether(workers, this.#together(workers, own));
    this.#advance(takeStep(optimizer, estimator, loss, this.#at));
    return undefined;
  }

  /**
   * Ends the run.
   * @returns The parameters, which belong to the caller, and the loss there, the mean over all workers.
   */
  async finish(): Promise<{ params: P; loss: number }> {
    const loss = await this.#lastLoss();
    const { params, state } = this.#at;
    release(state, params);
    return { params, loss };
  }

  /** Frees what was not handed over. */
  free(): void {
    release(this.#at.params);
    release(this.#at.state);
  }

  async #lastLoss(): Promise<number> {
    const { loss, workers } = this.#parts;
    for (;;) {
      const own = tf.tidy(() => asScalar(loss(this.#at.params)).dataSync()[0] ?? NaN);
      if (!workers) return finiteNumber(own);
      try {
        return finiteNumber((await workers.meet({ position: null, loss: own })).loss);
      } catch (error) {
        await workers.recover(error as Error);
        await this.meet();
      }
    }
  }

  #together(workers: Exchange, reason?: OwnReason): SharedRun<P> {
    return {
      take: () => this.#takeShared(workers, reason),
      advance: next => this.#advance(next),
      checkpoint: () => this.#checkpoint(),
      goTo: bytes => this.#goTo(bytes)
    };
  }

  /** A step is an epoch of one batch: its loss goes along, since all workers must agree whether it is low enough to end. */
  #checkpoint(): Checkpoint {
    const progress =
      this.step > 0 ? { lossSum: this.loss, batches: 1 } : { lossSum: 0, batches: 0 };
    return takeCheckpoint(this.step, this.#at, { ...progress, best: null });
  }

  #goTo(checkpoint: Uint8Array): void {
    const { step, progress, ...position } = readCheckpoint(checkpoint, this.#at.params);
    this.free();
    this.loss = progress.batches > 0 ? progress.lossSum : Infinity;
    [this.step, this.#at] = [step, position];
  }

  #takeShared(exchange: Exchange, reason: OwnReason | undefined): Promise<StepTaken<P>> {
    const { loss, optimizer, estimator } = this.#parts;
    const { step } = this;
    const atStep: Estimator = (of, params) => estimator(of, params, step);
    const parts = { loss, optimizer, estimator: atStep, exchange, examples: 1, reason };
    return exchange.localSteps > 1
      ? takeLocalStep(parts, this.#at, step)
      : takeSharedStep(parts, this.#at);
  }

  #advance(next: Stepped<P>): void {
    releasePosition(this.#at, next);
    this.#at = next;
    this.losses.push((this.loss = next.loss));
    this.step++;
  }
}
