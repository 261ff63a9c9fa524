import * as tf from '@tensorflow/tfjs';
import { HelperError, inWords } from '../errors.ts';
import { isLayersModel, layersNetwork, type Network } from '../training/network.ts';
import { isTensor, type Tree } from '../tree.ts';

/** Tensors of a model by name: `logits`, and features as they are called. The first axis of each counts examples. */
export type Outputs = Readonly<Record<string, tf.Tensor>>;

/** A model as a pure function of its parameters, with named outputs. */
export interface NamedNetwork<P extends Tree = Tree> {
  /** The parameters, float32. */
  readonly params: P;
  /** Computes all outputs. `training` switches dropout and the like. */
  readonly outputs: (params: P, inputs: tf.Tensor, training?: boolean) => Outputs;
}

/** What can be distilled from and to: a network with one output or with named ones, or a Layers model. */
export type Model<P extends Tree = Tree> = Network<P> | NamedNetwork<P> | tf.LayersModel;

/** Chooses what a loss compares: an output's name, or a function of all outputs. */
export type Selector = string | ((outputs: Outputs) => tf.Tensor);

/**
 * Gives a model named outputs.
 * @param model A network, whose only output becomes `logits`, or a Layers model.
 * @param layers Of a Layers model: further outputs, as their name here and the name of the layer they come out of; `logits` is the
 *   model's own output unless it is named here.
 * @returns The model with named outputs.
 * @throws HelperError `input/value` for a layer the model has not, `input/structure` for what is no model.
 * @example named(model, { logits: 'dense_2', features: 'conv2d_1' })
 */
export function named<P extends Tree = Tree>(
  model: Model<P>,
  layers: Readonly<Record<string, string>> = {}
): NamedNetwork<P> {
  if (isLayersModel(model)) return namedLayers(model, layers) as unknown as NamedNetwork<P>;
  if (typeof model !== 'object' || model === null) {
    throw new HelperError(
      'input/structure',
      `expected a Layers model or a network, got ${inWords(model)}; models.mlp([2, 16, 1]) makes one`
    );
  }
  if ('outputs' in model) return model;
  const { params, apply } = model;
  return { params, outputs: (at, inputs, training) => ({ logits: apply(at, inputs, training) }) };
}

/**
 * Chooses one of a model's outputs.
 * @param outputs All of them.
 * @param selector A name or a function.
 * @param whose Whose outputs, for the message.
 * @returns The output.
 * @throws HelperError `input/value` naming the outputs there are.
 */
export function select(outputs: Outputs, selector: Selector, whose: string): tf.Tensor {
  const chosen = typeof selector === 'string' ? outputs[selector] : selector(outputs);
  if (isTensor(chosen)) return chosen;
  const wanted = typeof selector === 'string' ? selector : 'what the selector returns';
  throw new HelperError(
    'input/value',
    `expected an output ${wanted} of the ${whose}, it has ${Object.keys(outputs).join(', ')}`
  );
}

function namedLayers(
  model: tf.LayersModel,
  layers: Readonly<Record<string, string>>
): NamedNetwork<Readonly<Record<string, tf.Tensor>>> {
  const inner: Record<string, tf.SymbolicTensor> = { logits: model.outputs[0]! };
  for (const [name, layer] of Object.entries(layers)) {
    const found = model.layers.find(candidate => candidate.name === layer);
    if (!found) {
      const have = model.layers.map(candidate => candidate.name).join(', ');
      throw new HelperError('input/value', `expected a layer ${layer}, the model has ${have}`);
    }
    inner[name] = found.output as tf.SymbolicTensor;
  }
  const names = Object.keys(inner);
  const whole = tf.model({ inputs: model.inputs, outputs: Object.values(inner) });
  const { params, apply } = layersNetwork(whole);
  return {
    params,
    outputs: (at, inputs, training) => {
      const made: tf.Tensor | tf.Tensor[] = apply(at, inputs, training);
      const list = Array.isArray(made) ? (made as tf.Tensor[]) : [made];
      return Object.fromEntries(names.map((name, index) => [name, list[index]!]));
    }
  };
}
