import type * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';
import { checkLayersModel } from '../../training/network.ts';
import { checkLayers, layerGraph, type LayerGraph } from './layer-graph.ts';
import { chooseUnits, type UnitOptions, type WeightValues } from './choose-units.ts';
import { rebuild } from './rebuild.ts';

/** Which channels go. */
export interface ChannelOptions extends UnitOptions {
  /** Names of the layers that lose channels, and with them those they are added to. @default all that can */
  layers?: readonly string[];
  /** Gradients of the loss by the name of the variable, for scores that look at them; see `layersNetwork`. */
  gradients?: Readonly<Record<string, tf.Tensor>>;
  /** Other evidence by the name of the variable. */
  memory?: Readonly<Record<string, tf.Tensor>>;
}

/** What became of one layer. */
export interface LayerChannels {
  /** Name of the layer. */
  readonly layer: string;
  /** Channels before. */
  readonly before: number;
  /** Channels after. */
  readonly after: number;
  /** Why it could lose none. */
  readonly reason?: string;
}

/** A smaller model. */
export interface Smaller {
  /** The model; it belongs to the caller and is not compiled. */
  readonly model: tf.LayersModel;
  /** What became of each layer that makes channels. */
  readonly layers: readonly LayerChannels[];
  /** Parameters before and after. */
  readonly parameters: { readonly before: number; readonly after: number };
}

/**
 * Takes channels out of a Layers model: units of dense layers, filters of convolutions, and all that hangs on them (normalisations,
 * depthwise convolutions, what is added to them, and what reads them). What comes out is a plain model that is smaller, and faster.
 * Inputs and outputs keep their shape. Where channels cannot be followed they stay, and the report says why.
 * @param model A built model; it is not changed.
 * @param options See `ChannelOptions`.
 * @returns The smaller model and what became of each layer.
 * @throws HelperError `input/value` for a sparsity outside [0, 1) or a layer that cannot be pruned, with the reason; `input/empty` when no
 *   layer can; `input/structure` for a model that cannot be built anew, as with classes that are not registered.
 * @example const { model: half } = await removeChannels(model, { sparsity: 0.5 })
 */
export async function removeChannels(
  model: tf.LayersModel,
  options: ChannelOptions
): Promise<Smaller> {
  checkLayersModel(model, 'removeUnits takes trees of parameters');
  const graph = layerGraph(model);
  const chosen = chosenFamilies(graph, options.layers);
  const gone = chooseUnits(
    { ...graph, families: chosen },
    readWeights(model, graph, options),
    options
  );
  const next = await rebuild(model, graph, gone);
  const layers = [...graph.makers.values()].map(({ layer, units, reason }): LayerChannels => {
    const after = units.filter(unit => !gone.has(unit)).length;
    return { layer: layer.name, before: units.length, after, ...(reason && { reason }) };
  });
  const parameters = { before: model.countParams(), after: next.countParams() };
  return { model: next, layers, parameters };
}

function chosenFamilies(graph: LayerGraph, layers?: readonly string[]): LayerGraph['families'] {
  const { families, makers } = graph;
  if (layers) checkLayers(graph, layers);
  const wanted = new Set(layers?.flatMap(name => [...makers.get(name)!.units]));
  const chosen = families.filter(({ units }) => !layers || units.some(unit => wanted.has(unit)));
  if (chosen.length > 0) return chosen;
  const reasons = [...makers.values()].map(({ layer, reason }) => `${layer.name}: ${reason}`);
  throw new HelperError(
    'input/empty',
    `expected at least one layer that can lose channels, got none (${reasons.join('; ') || 'no layer makes channels'})`
  );
}

function variablesOf(model: tf.LayersModel): tf.layers.Layer['weights'] {
  return model.layers.flatMap(layer => layer.weights);
}

function readWeights(
  model: tf.LayersModel,
  { axes }: LayerGraph,
  { gradients = {}, memory = {} }: ChannelOptions
): Map<string, WeightValues> {
  const used = new Set(
    axes.filter(({ role }) => role === 'out' || role === 'scale').map(({ weight }) => weight)
  );
  const read = (tensor: tf.Tensor | undefined): Float32Array | undefined =>
    tensor?.dataSync<'float32'>();
  const entries = variablesOf(model)
    .filter(({ name }) => used.has(name))
    .map(variable => {
      const { name } = variable;
      const tensor = variable.read();
      const values = {
        shape: tensor.shape,
        values: read(tensor)!,
        gradient: read(gradients[name]),
        memory: read(memory[name])
      };
      return [name, values] as const;
    });
  return new Map(entries);
}
