import type * as tf from '@tensorflow/tfjs';
import { divideEnergy, missingEnergy, type Energy } from '../energy.ts';
import { checkFunction, checkNumber, HelperError, inWords } from '../errors.ts';
import { measure } from '../measure.ts';
import { adam } from '../optim/rules/adam.ts';
import { checkTransform } from '../optim/transform.ts';
import { checkFloats, type Tree } from '../tree.ts';
import { Epochs, type Epoch } from './epochs.ts';
import {
  isLayersModel,
  layersNetwork,
  writeLayers,
  type LayerParams,
  type Network
} from './network.ts';
import { openSource, type TrainingData } from './sources.ts';
import type { FitOptions } from './options.ts';
import { checkStopping, toTarget, type StopReason } from './stopping.ts';

/** What a training reached, and what it cost. */
export interface Fit<P extends Tree> {
  /** The parameters reached; their tensors belong to the caller. Layers models hold them too. */
  readonly params: P;
  /** Loss of each step's batch, before the step. */
  readonly losses: readonly number[];
  /** Mean loss of each epoch, and of validation. */
  readonly epochs: readonly Epoch[];
  /** Steps that this call took. */
  readonly steps: number;
  /** Which rule ended the run. */
  readonly stopped: StopReason;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** What it cost, in joules with interval and kind. */
  readonly energy: Energy;
  /** The same for one step. */
  readonly joulesPerStep: Energy;
  /** The same for one epoch; missing when none was completed. */
  readonly joulesPerEpoch: Energy;
  /** The whole energy when `untilLoss` was reached; missing otherwise. */
  readonly joulesToTarget: Energy;
}

/**
 * Trains a model on batches.
 * @param model A network (parameters and a function of them), which is not changed, or a Layers model, which is trained in place.
 * @param data Tensors, nested arrays, or an iterator of batches; the first axis counts examples.
 * @param options The loss, the optimiser, and when to stop.
 * @returns Parameters, losses and energy in joules: per step, per epoch, and to the target loss.
 * @throws HelperError `input/*` for arguments that do not fit, `training/diverged`, `optim/*`, `io/format` for a checkpoint,
 *   `energy/missing` for a budget in joules without a meter. No tensor is left behind.
 * @example await fit(mlp([2, 16, 1]), { inputs, targets }, { loss: meanSquaredError, epochs: 10, optimizer: adam(1e-2) });
 */
export async function fit<P extends Tree>(
  model: Network<P> | tf.LayersModel,
  data: TrainingData,
  options: FitOptions
): Promise<Fit<P>> {
  checkArguments(model, data, options);
  checkStopping(options);
  const { epochs, checkpoint } = options;
  if (epochs !== undefined) checkNumber('epochs', epochs, { from: 1, integer: true });
  if (checkpoint) {
    checkNumber('checkpoint.every', checkpoint.every, { from: 1, integer: true });
    checkFunction('checkpoint.save', checkpoint.save, 'pass ({ step, bytes }) => writeFile(…)');
  }
  const network = isLayersModel(model) ? (layersNetwork(model) as unknown as Network<P>) : model;
  const { optimizer = adam(), estimator, label = 'fit' } = options;
  checkTransform('{ optimizer }', optimizer);
  checkFloats(network.params);
  const { value, energy, seconds } = await measure(label, async block => {
    const run = new Epochs({ network, optimizer, estimator, options, block });
    try {
      const source = openSource(data, options, run.step);
      return await run.train(source).finally(() => source.close());
    } finally {
      run.free();
    }
  });
  if (isLayersModel(model)) writeLayers(model, value.params as LayerParams);
  const { params, losses, epochs: passed, steps, stopped, perEpoch } = value;
  return {
    params,
    losses,
    epochs: passed,
    steps,
    stopped,
    seconds,
    energy,
    joulesPerStep: divideEnergy(energy, steps),
    joulesPerEpoch:
      steps >= perEpoch
        ? divideEnergy(energy, steps / perEpoch)
        : missingEnergy('no epoch was completed'),
    joulesToTarget: toTarget(energy, stopped)
  };
}

/** Refuses what is no model, no data or no loss, before anything is measured. */
function checkArguments(model: unknown, data: unknown, options: FitOptions | undefined): void {
  const { apply, params } = (model ?? {}) as Partial<Network>;
  if (!isLayersModel(model) && (typeof apply !== 'function' || typeof params !== 'object')) {
    throw new HelperError(
      'input/structure',
      `expected a Layers model or a network { params, apply }, got ${inWords(model)}; models.mlp([2, 16, 1]) makes one`
    );
  }
  if (typeof data !== 'object' || data === null) {
    throw new HelperError(
      'input/structure',
      `expected data { inputs, targets } or an iterator of such batches, got ${inWords(data)}`
    );
  }
  const remedy = 'use training.meanSquaredError, training.crossEntropy, or one of your own';
  checkFunction('{ loss }', options?.loss, remedy);
}
