import { divideEnergy, type Energy } from './energy.ts';
import { checkFunction, HelperError } from './errors.ts';
import { asScalar, autodiff } from './estimators/autodiff.ts';
import type { Estimator, Loss } from './estimators/estimator.ts';
import { measure, type MeasuredBlock } from './measure.ts';
import type { LearningRate } from './optim/scale.ts';
import { sgd } from './optim/rules/sgd.ts';
import { checkTransform, type Transform } from './optim/transform.ts';
import { DescentRun } from './training/descent-run.ts';
import type { Exchange } from './training/exchange.ts';
import {
  checkStopping,
  toTarget,
  Watch,
  type Stopping,
  type StopReason
} from './training/stopping.ts';
import { checkFloats, type Tree } from './tree.ts';

/** What to minimise: a loss, or a loss with a gradient of the caller's own. */
export type Objective<P extends Tree> =
  | Loss<P>
  | {
      /** The loss: recorded and watched. */
      readonly loss: Loss<P>;
      /** What to descend along, of the structure and shapes of the parameters. */
      readonly gradient: (params: P) => P;
    };

/** How far a run has come. */
export interface DescentProgress {
  /** Steps taken. */
  readonly step: number;
  /** Loss before the last of them. */
  readonly loss: number;
  /** Seconds since the start. */
  readonly seconds: number;
  /** Joules so far, as the meter last said; null while unknown. */
  readonly joules: number | null;
}

/** How to descend, and until when. */
export interface DescentOptions extends Stopping {
  /** Learning rate α in parameter units per unit of gradient: above 0, or a schedule. @default 0.01 */
  learningRate?: LearningRate;
  /** The same by its symbol. */
  alpha?: LearningRate;
  /** Another optimiser than plain descent; it brings its own learning rate. */
  optimizer?: Transform;
  /** How to get the gradient from the loss. @default autodiff() */
  estimator?: Estimator;
  /**
   * Workers to descend with, from `distributed.together`: the objective is the mean of the losses that they pass, each for its own part of
   * the data, and all apply the same mean gradient. `minibatch` with `workers` weighs by examples and shares its batches among them.
   * @default this process alone
   */
  workers?: Exchange;
  /** Called after each step. */
  onProgress?: (progress: DescentProgress) => void;
  /** Name of the run in the meter's history. @default 'gradientDescent' */
  label?: string;
}

/** What a descent reached, and what it cost. */
export interface Descent<P extends Tree> {
  /** The parameters reached; their tensors belong to the caller. */
  readonly theta: P;
  /** The loss before each step, and last the loss at `theta`: `steps + 1` values. */
  readonly losses: readonly number[];
  /** How many steps were taken. */
  readonly steps: number;
  /** Which rule ended the run. */
  readonly stopped: StopReason;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** What it cost, in joules with interval and kind. */
  readonly energy: Energy;
  /** The same for one step. */
  readonly joulesPerStep: Energy;
  /** The whole energy when `untilLoss` was reached; missing otherwise. */
  readonly joulesToTarget: Energy;
}

/**
 * Minimises a loss by gradient descent: `θ ← θ − α·∇J(θ)`.
 * @param objective The loss J: a function of the parameters that returns a scalar tensor; or that and a gradient.
 * @param theta Where to start: a tensor, or records and arrays of tensors, float32. It is neither changed nor disposed of.
 * @param options Learning rate, stopping rules, optimiser, estimator, progress.
 * @returns The parameters reached, all losses, and the energy of the run in joules.
 * @throws HelperError `input/*` for arguments that make no sense, `training/diverged` when the loss is not finite,
 *   `estimator/no-gradient`, `energy/missing` for a budget in joules without a meter, and `distributed/*` where workers cannot go on.
 *   No tensor is left behind.
 * @example
 * const loss = (theta: tf.Tensor2D) => tf.losses.meanSquaredError(y, X.matMul(theta)).asScalar();
 * const { theta, losses, joulesPerStep } = await gradientDescent(loss, tf.zeros([2, 1]), { alpha: 0.01, steps: 1000 });
 * @see Cauchy 1847, "Méthode générale pour la résolution des systèmes d'équations simultanées"
 */
export async function gradientDescent<P extends Tree>(
  objective: Objective<P>,
  theta: P,
  options: DescentOptions = {}
): Promise<Descent<P>> {
  const loss = typeof objective === 'function' ? objective : objective?.loss;
  checkFunction('the loss', loss, 'pass theta => tf.sum(tf.square(theta)), or { loss, gradient }');
  const estimator = typeof objective === 'function' ? options.estimator : own(objective.gradient);
  const optimizer = options.optimizer ?? sgd(learningRateOf(options));
  checkTransform('{ optimizer }', optimizer);
  checkStopping(options);
  checkFloats(theta);
  const { workers, label = 'gradientDescent' } = options;
  const parts = { loss, optimizer, estimator: estimator ?? autodiff(), workers };
  const { value, energy, seconds } = await measure(label, async block => {
    const run = new DescentRun(parts, theta);
    try {
      return await descend(run, options, block);
    } catch (error) {
      run.free();
      throw error;
    }
  });
  const joulesPerStep = divideEnergy(energy, value.steps);
  return {
    ...value,
    seconds,
    energy,
    joulesPerStep,
    joulesToTarget: toTarget(energy, value.stopped)
  };
}

async function descend<P extends Tree>(
  run: DescentRun<P>,
  options: DescentOptions,
  block: MeasuredBlock
) {
  const watch = new Watch(options, block, options.onProgress !== undefined);
  await run.meet();
  for (;;) {
    const stopped = await run.next(watch.reason(run.step, run.loss));
    if (stopped) {
      const { params, loss } = await run.finish();
      return { theta: params, losses: [...run.losses, loss], steps: run.losses.length, stopped };
    }
    const { seconds, joules } = watch;
    options.onProgress?.({ step: run.step, loss: run.loss, seconds, joules });
    await watch.turn();
  }
}

/** The caller's own gradient as an estimator. */
function own<P extends Tree>(gradient: (params: P) => P): Estimator {
  return (loss, params) => ({
    loss: asScalar(loss(params)),
    gradient: gradient(params as unknown as P) as unknown as typeof params
  });
}

function learningRateOf({ learningRate, alpha }: DescentOptions): LearningRate {
  if (learningRate !== undefined && alpha !== undefined && learningRate !== alpha) {
    throw new HelperError(
      'input/value',
      `learningRate and alpha are one setting, got ${String(learningRate)} and ${String(alpha)}; pass one`
    );
  }
  return learningRate ?? alpha ?? 0.01;
}
