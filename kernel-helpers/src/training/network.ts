import * as tf from '@tensorflow/tfjs';
import type { Examples } from '../data/batches.ts';
import { HelperError, inWords } from '../errors.ts';
import { asScalar } from '../estimators/autodiff.ts';
import type { Tree } from '../tree.ts';
import { BatchStatistics, type SumOverWorkers } from './batch-statistics.ts';
import type { BatchLoss } from './exchange.ts';

/** A model as a pure function of its parameters. */
export interface Network<P extends Tree = Tree> {
  /** The parameters, float32. */
  readonly params: P;
  /** Computes predictions, [examples, …], from inputs, [examples, …]. `training` switches dropout and the like. */
  readonly apply: (params: P, inputs: tf.Tensor, training?: boolean) => tf.Tensor;
  /** What batch normalisation keeps besides the parameters, if the model has any. */
  readonly statistics?: BatchStatistics | undefined;
}

/** How far predictions are from targets: a scalar, the mean over the examples. */
export type PredictionLoss = (targets: tf.Tensor, predictions: tf.Tensor) => tf.Tensor;

/** The parameters of a Layers model by the name of their variable. */
export type LayerParams = Readonly<Record<string, tf.Tensor>>;

/**
 * Sees a TensorFlow.js Layers model as a pure function of its trainable weights.
 * @param model A built model. Its own variables are read once; `writeLayers` changes them.
 * @returns The network; its parameters are the model's variables themselves.
 */
export function layersNetwork(model: tf.LayersModel): Network<LayerParams> {
  const variables = model.trainableWeights;
  const params = Object.fromEntries(variables.map(v => [v.name, v.read()]));
  const apply = (at: LayerParams, inputs: tf.Tensor, training = false): tf.Tensor => {
    // A layer reads its variable's `val` as it computes: with other tensors there, the model is a function of them.
    const slots = variables as unknown as { name: string; val: tf.Tensor }[];
    const own = slots.map(slot => slot.val);
    slots.forEach(slot => (slot.val = at[slot.name] as tf.Tensor));
    try {
      return model.apply(inputs, { training }) as tf.Tensor;
    } finally {
      slots.forEach((slot, index) => (slot.val = own[index] as tf.Tensor));
    }
  };
  return { params, apply, statistics: BatchStatistics.of(model) };
}

/**
 * Copies parameters into a Layers model.
 * @param model The model.
 * @param params Values by the name of their variable, as `layersNetwork` names them.
 */
export function writeLayers(model: tf.LayersModel, params: LayerParams): void {
  for (const variable of model.trainableWeights) {
    const value = params[variable.name];
    if (value) variable.write(value);
  }
}

/**
 * Tells a Layers model from a network.
 * @param model Either.
 * @returns Whether it is a Layers model.
 */
export function isLayersModel(model: unknown): model is tf.LayersModel {
  return typeof model === 'object' && model !== null && 'trainableWeights' in model;
}

/**
 * Checks that something is a Layers model.
 * @param model What was given.
 * @param remedy What to do about anything else.
 * @throws HelperError `input/structure` for anything else.
 */
export function checkLayersModel(model: unknown, remedy: string): void {
  if (isLayersModel(model)) return;
  throw new HelperError(
    'input/structure',
    `expected a Layers model, got ${inWords(model)}; ${remedy}`
  );
}

/**
 * The mean loss of a network on a batch, as a function of its parameters.
 * @param network The network.
 * @param loss Compares predictions with targets.
 * @param batch Inputs and targets.
 * @param training Whether dropout and the like are on.
 * @returns The loss; it throws HelperError `input/shape` when the network or the loss cannot take the batch.
 */
export function lossOnBatch<P extends Tree>(
  network: Network<P>,
  loss: PredictionLoss,
  batch: Examples,
  training: boolean
): (params: P) => tf.Scalar {
  const compute = (params: P): tf.Scalar => {
    const predictions = network.apply(params, batch.inputs, training);
    if (predictions.shape[0] !== batch.inputs.shape[0]) {
      throw new HelperError(
        'input/shape',
        `expected one prediction for each of ${batch.inputs.shape[0]} inputs, got shape [${String(predictions.shape)}]`
      );
    }
    return asScalar(loss(batch.targets, predictions));
  };
  return params => {
    try {
      return compute(params);
    } catch (cause) {
      throw ofShapes(cause, batch.inputs, batch.targets);
    }
  };
}

/**
 * The loss of a network on batches of which other workers have other parts.
 * @param network The network; its batch normalisation, if any, sees the batches of all workers.
 * @param loss Compares predictions with targets.
 * @returns The loss as workers compute it together.
 */
export function batchLoss<P extends Tree>(network: Network<P>, loss: PredictionLoss): BatchLoss<P> {
  const { statistics } = network;
  if (!statistics) {
    const compute: BatchLoss<P>['compute'] = (params, batch) => ({
      loss: lossOnBatch(network, loss, batch, true)(params),
      moments: []
    });
    return { isShared: false, compute };
  }
  const compute: BatchLoss<P>['compute'] = (params, batch, sum) => {
    const isEmpty = batch.inputs.shape[0] === 0;
    // Without examples a blank one goes the same way and counts nothing: the other workers' sums wait for this one.
    const shown = isEmpty ? { inputs: blank(batch.inputs), targets: blank(batch.targets) } : batch;
    const of = lossOnBatch(network, isEmpty ? noLoss : loss, shown, true);
    const add: SumOverWorkers = isEmpty ? values => sum(tf.mul(values, 0)) : sum;
    const { value, moments } = statistics.over(add, () => of(params));
    return { loss: value, moments };
  };
  return { isShared: true, compute };
}

const noLoss: PredictionLoss = (_, predictions) => tf.mul(tf.sum(predictions), 0);

function blank({ shape, dtype }: tf.Tensor): tf.Tensor {
  return tf.zeros([1, ...shape.slice(1)], dtype);
}

/**
 * Gives an error of TensorFlow.js about shapes a code, and names what did not fit.
 * @param cause What was thrown while a network computed.
 * @param inputs What it was given.
 * @param targets What its predictions were compared with.
 * @returns HelperError `input/shape`; any other error as it is.
 */
export function ofShapes(cause: unknown, inputs: tf.Tensor, targets?: tf.Tensor): unknown {
  if (!(cause instanceof Error) || cause instanceof HelperError) return cause;
  if (!/shape|rank|dim|broadcast/i.test(cause.message)) return cause;
  const given = `inputs of shape [${String(inputs.shape)}]${targets ? ` and targets of shape [${String(targets.shape)}]` : ''}`;
  return new HelperError(
    'input/shape',
    `expected data that fits the model, got ${given}: ${cause.message}; compare them with the first and the last layer`,
    { cause }
  );
}
