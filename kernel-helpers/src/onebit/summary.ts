import type * as tf from '@tensorflow/tfjs';
import { checkLayersModel } from '../training/network.ts';
import { QuantizedLayer } from './layers/quantized-layer.ts';
import { bitsOf } from './quantizers/quantizer.ts';

/** What the parameters of one layer take. */
export interface LayerSize {
  /** The layer's name. */
  readonly name: string;
  /** Numbers of its kernel, and bits of each. */
  readonly kernel: number;
  readonly bits: number;
  /** Its other numbers, 32 bits each; a batch normalisation counts the two per channel that are left of it at inference. */
  readonly others: number;
  /** Bytes of all of them, quantized. */
  readonly bytes: number;
  /** Bytes of all of them as float32. */
  readonly floatBytes: number;
}

/** What the parameters of a model take. */
export interface ModelSize {
  /** Layer by layer; those without parameters are left out. */
  readonly layers: readonly LayerSize[];
  /** Bytes of the quantized model. */
  readonly bytes: number;
  /** Bytes of the same model in float32. */
  readonly floatBytes: number;
}

/**
 * Counts what a model's parameters take when the quantized kernels are kept in their bits.
 * @param model A built model.
 * @returns The sizes in bytes, layer by layer and in all.
 * @throws HelperError `input/structure` for what is no Layers model.
 */
export function sizeReport(model: tf.LayersModel): ModelSize {
  checkLayersModel(model, 'prune.sizeReport counts trees of parameters');
  const layers = model.layers.map(sizeOf).filter(({ kernel, others }) => kernel + others > 0);
  const sum = (key: 'bytes' | 'floatBytes'): number =>
    layers.reduce((total, layer) => total + layer[key], 0);
  return { layers, bytes: sum('bytes'), floatBytes: sum('floatBytes') };
}

function sizeOf(layer: tf.layers.Layer): LayerSize {
  const numbers = layer.countParams();
  const quantized = layer instanceof QuantizedLayer;
  const kernel = quantized ? layer.latentKernel().size : 0;
  const bits = quantized ? bitsOf(layer.kernelQuantizer) : 32;
  const others =
    layer.getClassName() === 'BatchNormalization'
      ? 2 * (layer.weights[0]?.shape.at(-1) ?? 0)
      : numbers - kernel;
  const bytes = Math.ceil((kernel * bits) / 8) + 4 * others;
  return { name: layer.name, kernel, bits, others, bytes, floatBytes: 4 * (kernel + others) };
}
