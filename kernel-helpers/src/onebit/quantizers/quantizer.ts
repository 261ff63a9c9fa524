import type * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';
import {
  doReFaActivations,
  doReFaWeights,
  ternary,
  type DoReFaOptions,
  type TernaryOptions
} from './levels.ts';
import { approxSign, magnitudeAwareSign, steSign, swishSign, type SteSignOptions } from './sign.ts';

/** A quantizer as a layer's configuration keeps it: its name, alone or with options. */
export type Quantizer =
  | QuantizerName
  | ({ name: 'steSign' | 'magnitudeAwareSign' } & SteSignOptions)
  | { name: 'approxSign' }
  | { name: 'swishSign'; beta?: number }
  | ({ name: 'ternary' } & TernaryOptions)
  | ({ name: 'doReFaActivations' | 'doReFaWeights' } & DoReFaOptions);

/** Names of quantizers. */
export type QuantizerName = keyof typeof quantizers;

const quantizers = {
  steSign,
  approxSign,
  swishSign,
  magnitudeAwareSign,
  ternary,
  doReFaActivations,
  doReFaWeights
};

/** The quantizers whose values are −1 and 1, but for a factor per output. */
const signs: readonly string[] = ['steSign', 'approxSign', 'swishSign', 'magnitudeAwareSign'];

/**
 * Applies a quantizer.
 * @param x Any tensor.
 * @param quantizer Which, as its name or with options; null changes nothing.
 * @returns Of the shape of `x`.
 * @throws HelperError `input/value` for a name that is none, or an option out of range.
 */
export function quantize<T extends tf.Tensor>(x: T, quantizer: Quantizer | null): T {
  if (quantizer === null) return x;
  const { name, ...options } = typeof quantizer === 'string' ? { name: quantizer } : quantizer;
  checkQuantizer(quantizer);
  return quantizers[name](x, options);
}

/**
 * Checks that a quantizer exists.
 * @param quantizer What a layer was given.
 * @throws HelperError `input/value` naming those there are.
 */
export function checkQuantizer(quantizer: Quantizer | null): void {
  if (quantizer === null || quantizerName(quantizer) in quantizers) return;
  throw new HelperError(
    'input/value',
    `expected a quantizer among ${Object.keys(quantizers).join(', ')}, got ${quantizerName(quantizer)}`
  );
}

/**
 * The name of a quantizer.
 * @param quantizer As its name or with options.
 * @returns Its name.
 */
export function quantizerName(quantizer: Quantizer): QuantizerName {
  return typeof quantizer === 'string' ? quantizer : quantizer.name;
}

/**
 * How many bits a quantized value takes.
 * @param quantizer A quantizer, or null for float32.
 * @returns 1 for signs, 2 for ternary values, 32 without a quantizer.
 */
export function bitsOf(quantizer: Quantizer | null): number {
  if (quantizer === null) return 32;
  if (isSign(quantizer)) return 1;
  return typeof quantizer === 'object' && 'bits' in quantizer ? (quantizer.bits ?? 2) : 2;
}

/**
 * Tells whether a quantizer gives signs.
 * @param quantizer A quantizer, or null for none.
 * @returns Whether its values are −1 and 1, but for a factor per output.
 */
export function isSign(quantizer: Quantizer | null): boolean {
  return quantizer !== null && signs.includes(quantizerName(quantizer));
}
