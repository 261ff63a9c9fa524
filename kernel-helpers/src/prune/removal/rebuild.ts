import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';
import type { LayerGraph } from './layer-graph.ts';
import { removeUnitsFrom } from './slice.ts';

/** A model's description, as TensorFlow.js writes it. */
interface Described {
  config: { layers: { class_name: string; config: Record<string, unknown> }[] };
}

/**
 * Builds a Layers model without some of its channels.
 * @param model The model; it is not changed.
 * @param graph How channels flow through it.
 * @param gone Numbers of the channels that go.
 * @returns The smaller model with the weights that are left; it belongs to the caller.
 * @throws HelperError `input/structure` for a model that cannot be built from its description.
 */
export async function rebuild(
  model: tf.LayersModel,
  graph: LayerGraph,
  gone: ReadonlySet<number>
): Promise<tf.LayersModel> {
  let next: tf.LayersModel | undefined;
  try {
    const modelTopology = describeSmaller(model, graph, gone);
    next = await tf.loadLayersModel({ load: () => Promise.resolve({ modelTopology }) });
    copyWeights(model, next, graph, gone);
    return next;
  } catch (cause) {
    next?.dispose();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HelperError(
      'input/structure',
      `expected a model that can be built from its own description: ${why}; register its classes, or build the smaller model by hand`,
      { cause }
    );
  }
}

function describeSmaller(
  model: tf.LayersModel,
  { makers, reshapes }: LayerGraph,
  gone: ReadonlySet<number>
): tf.io.ModelArtifacts['modelTopology'] {
  const topology = model.toJSON(null, false) as unknown as Described;
  const left = (units: Int32Array): number => units.filter(unit => !gone.has(unit)).length;
  for (const { config } of topology.config.layers) {
    const name = String(config.name);
    const maker = makers.get(name);
    if (maker) config[maker.size] = left(maker.units);
    // TensorFlow.js leaves this option of separable convolutions out of their description.
    const { depthMultiplier } = (maker?.layer ?? {}) as { depthMultiplier?: number };
    if (depthMultiplier !== undefined) config.depth_multiplier = depthMultiplier;
    const shape = config.target_shape as number[] | undefined;
    const reshaped = reshapes.get(name);
    if (reshaped && shape) config.target_shape = [...shape.slice(0, -1), left(reshaped)];
  }
  return topology;
}

function copyWeights(
  from: tf.LayersModel,
  to: tf.LayersModel,
  { axes }: LayerGraph,
  gone: ReadonlySet<number>
): void {
  const variables = from.layers.flatMap(layer => layer.weights);
  const named = new Map(variables.map(variable => [variable.name, variable.read()]));
  const smaller = removeUnitsFrom(named, axes, gone);
  try {
    from.layers.forEach((layer, i) => {
      const values = layer.weights.map(({ name }) => smaller.get(name) ?? named.get(name)!);
      if (values.length > 0) to.layers[i]!.setWeights(values);
    });
  } finally {
    smaller.forEach(tensor => tensor.dispose());
  }
}
