import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';
import { checkLayersModel } from '../../training/network.ts';
import { BinaryConv2d } from '../layers/binary-conv2d.ts';
import { BinaryDense } from '../layers/binary-dense.ts';
import { QuantizedLayer } from '../layers/quantized-layer.ts';
import { isSign, quantizerName, quantize } from '../quantizers/quantizer.ts';
import { meanMagnitudes } from '../quantizers/sign.ts';
import type { Affine } from './columns.ts';
import { PackedConv2d } from './packed-conv2d.ts';
import { PackedDense } from './packed-dense.ts';

/** What became of a layer. */
export interface PackedLayer {
  /** The layer's name. */
  readonly name: string;
  /** Whether it computes with bits now. */
  readonly packed: boolean;
  /** Why it does not. */
  readonly reason?: string;
}

/** A Layers model whose binary layers compute with bits. */
export interface PackedModel {
  /** What became of each layer. */
  readonly layers: readonly PackedLayer[];
  /**
   * Computes predictions, equal to the model's own.
   * @param inputs Of shape [examples, …].
   * @returns Predictions, which belong to the caller.
   */
  readonly predict: (inputs: tf.Tensor) => tf.Tensor;
}

type Stage = (x: tf.Tensor) => tf.Tensor;

/**
 * Packs a trained model: layers whose inputs and kernel are signs compute with XNOR and popcount in WebAssembly, 1 bit a weight; the others stay
 * as they are. Products of signs are whole numbers, so the results are the model's own. The packed layers hold the weights of this moment.
 * @param model A model that is a chain of layers; it is not changed, and must live as long as the packed one.
 * @returns The packed model.
 * @throws HelperError `input/structure` naming the layer where the model is no chain, or for what is no Layers model.
 */
export function packModel(model: tf.LayersModel): PackedModel {
  checkLayersModel(model, 'pack the parts of a network with PackedDense and PackedConv2d');
  const chain = chainOf(model);
  const stages = chain.map(layer => packLayer(layer));
  return {
    layers: stages.map(({ name, packed, reason }) => ({ name, packed, reason })),
    predict: inputs => tf.tidy(() => stages.reduce((x, { stage }) => stage(x), inputs))
  };
}

/** The layers from input to output, without the input layer. */
function chainOf(model: tf.LayersModel): tf.layers.Layer[] {
  if (model instanceof tf.Sequential) return model.layers.flatMap(inner);
  const layers = model.layers.filter(layer => layer.getClassName() !== 'InputLayer');
  let previous: tf.SymbolicTensor | undefined = model.inputs[0];
  for (const layer of layers) {
    const input = layer.inboundNodes.length === 1 ? layer.input : [];
    if (Array.isArray(input) || input !== previous) {
      throw new HelperError(
        'input/structure',
        `expected a chain of layers, ${layer.name} is used twice or takes other inputs than the output of the layer before; pack its parts with PackedDense and PackedConv2d`
      );
    }
    previous = layer.output as tf.SymbolicTensor;
  }
  return layers.flatMap(inner);
}

function inner(layer: tf.layers.Layer): tf.layers.Layer[] {
  return layer instanceof tf.LayersModel ? chainOf(layer) : [layer];
}

function packLayer(layer: tf.layers.Layer): PackedLayer & { stage: Stage } {
  const { name } = layer;
  const reason = obstacle(layer);
  const float: Stage = x => layer.apply(x, { training: false }) as tf.Tensor;
  if (reason !== undefined) return { name, packed: false, reason, stage: float };
  const stage = layer instanceof BinaryConv2d ? convStage(layer) : denseStage(layer as BinaryDense);
  return { name, packed: true, stage };
}

function obstacle(layer: tf.layers.Layer): string | undefined {
  if (!(layer instanceof QuantizedLayer)) return `${layer.getClassName()} has no bits`;
  const { inputQuantizer, kernelQuantizer } = layer;
  if (inputQuantizer === null) return 'its inputs are not quantized';
  if (!isSign(inputQuantizer) || quantizerName(inputQuantizer) === 'magnitudeAwareSign') {
    return `its inputs are quantized by ${quantizerName(inputQuantizer)}, which gives no signs`;
  }
  if (kernelQuantizer === null) return undefined;
  return isSign(kernelQuantizer)
    ? undefined
    : `its kernel is quantized by ${quantizerName(kernelQuantizer)}, which gives no signs`;
}

function denseStage(layer: BinaryDense): Stage {
  const [inputs, outputs] = layer.latentKernel().shape as [number, number];
  const packed = new PackedDense({ inputs, outputs, accepts: 'signs', ...weightsOf(layer) });
  return x => tf.tensor(packed.apply(floats(x)), [...x.shape.slice(0, -1), outputs]);
}

function convStage(layer: BinaryConv2d): Stage {
  const weights = weightsOf(layer);
  const { kernelSize, filters, strides, padding, padValue } = layer;
  const make = (input: [number, number, number]): PackedConv2d =>
    new PackedConv2d({
      ...{ input, kernelSize, filters, strides, padding, padValue, accepts: 'signs' },
      ...weights
    });
  let packed: { shape: string; layer: PackedConv2d } | undefined;
  return x => {
    const [examples, ...shape] = x.shape as [number, number, number, number];
    if (packed?.shape !== String(shape)) packed = { shape: String(shape), layer: make(shape) };
    return tf.tensor(packed.layer.apply(floats(x)), [examples, ...packed.layer.outputShape]);
  };
}

/** Signs, factors and summands of a layer as they are now. */
function weightsOf(layer: QuantizedLayer): Affine & { kernel: Float32Array } {
  const { kernelQuantizer } = layer;
  const latent = layer.latentKernel();
  const scaled =
    kernelQuantizer !== null && quantizerName(kernelQuantizer) === 'magnitudeAwareSign';
  const kernel = tf.tidy(() =>
    floats(kernelQuantizer === null ? latent : quantize(latent, 'steSign'))
  );
  const scale = scaled ? tf.tidy(() => floats(meanMagnitudes(latent))) : undefined;
  const bias = layer.bias();
  return { kernel, scale, bias: bias && floats(bias) };
}

function floats(x: tf.Tensor): Float32Array {
  return x.dataSync<'float32'>();
}
