import * as tf from '@tensorflow/tfjs';
import { random, type Random } from '../data/random.ts';
import { checkNumber, HelperError } from '../errors.ts';
import type { Network } from '../training/network.ts';
import { dense, denseParams, heNormal, type Dense } from './layers.ts';

/** Scale and shift of a layer normalisation. */
export type Normalisation = { readonly scale: tf.Tensor; readonly shift: tf.Tensor };

/** One block's parameters. */
export type TransformerBlock = {
  readonly before: Normalisation;
  readonly attention: Dense;
  readonly mix: Dense;
  readonly between: Normalisation;
  readonly widen: Dense;
  readonly narrow: Dense;
};

/** Parameters of a transformer. */
export type TransformerParams = {
  readonly tokens: tf.Tensor;
  readonly positions: tf.Tensor;
  readonly blocks: readonly TransformerBlock[];
  readonly last: Normalisation;
};

/** Size of a transformer. */
export interface TransformerOptions {
  /** How many different tokens there are. */
  vocabulary: number;
  /** Longest sequence. @default 64 */
  context?: number;
  /** Length of a token's vector, a multiple of `heads`. @default 64 */
  width?: number;
  /** Attention heads. @default 4 */
  heads?: number;
  /** Blocks. @default 2 */
  blocks?: number;
  /** Fixes the weights. @default 0 */
  seed?: number;
}

/**
 * A small causal transformer: each position sees itself and those before it. Normalisation stands before each part, and the output
 * shares the tokens' vectors.
 * @param options See `TransformerOptions`.
 * @returns A network from token numbers [examples, length] to logits [examples, length, vocabulary] of the token after each.
 * @throws HelperError `input/value` when the width is no multiple of the heads, `input/shape` for a sequence that is too long.
 * @see Vaswani et al. 2017, arXiv:1706.03762; Radford et al. 2019 for the order of its parts
 */
export function transformer(options: TransformerOptions): Network<TransformerParams> {
  const { vocabulary, context = 64, width = 64, heads = 4, blocks = 2 } = options;
  for (const [name, value] of Object.entries({ vocabulary, context, width, heads, blocks })) {
    checkNumber(name, value, { from: 1, integer: true });
  }
  if (width % heads !== 0) {
    throw new HelperError(
      'input/value',
      `expected width to be a multiple of ${heads} heads, got ${width}`
    );
  }
  const draw = random(options.seed ?? 0);
  // As many vectors as there are tokens pass through a residual sum, so small starts keep the first logits small.
  const small = (rows: number): tf.Tensor =>
    tf.tensor2d(
      Float32Array.from({ length: rows * width }, () => 0.02 * draw.normal()),
      [rows, width]
    );
  const params: TransformerParams = {
    tokens: small(vocabulary),
    positions: small(context),
    blocks: Array.from({ length: blocks }, () => blockParams(width, draw, blocks)),
    last: normalisation(width)
  };
  return { params, apply: (at, inputs) => applyTransformer(at, inputs, { context, heads }) };
}

function applyTransformer(
  { tokens, positions, blocks, last }: TransformerParams,
  inputs: tf.Tensor,
  { context, heads }: { context: number; heads: number }
): tf.Tensor {
  const [vocabulary, width] = tokens.shape as [number, number];
  const length = inputs.shape[1] ?? 0;
  if (inputs.rank !== 2 || length > context) {
    throw new HelperError(
      'input/shape',
      `expected token numbers of shape [examples, up to ${context}], got [${String(inputs.shape)}]`
    );
  }
  // One-hot rows times the vectors: unlike tf.gather, that has a gradient on every backend.
  const oneHot = tf.oneHot(tf.cast(inputs, 'int32'), vocabulary);
  const embedded = dense(tf.cast(oneHot, 'float32'), { weight: tokens, bias: tf.zeros([width]) });
  const size = width / heads;
  let x = tf.add(embedded, tf.slice(positions, [0, 0], [length, width]));
  for (const block of blocks) {
    x = tf.add(
      x,
      dense(attend(dense(normalise(x, block.before), block.attention), size), block.mix)
    );
    x = tf.add(x, dense(gelu(dense(normalise(x, block.between), block.widen)), block.narrow));
  }
  return dense(normalise(x, last), { weight: tf.transpose(tokens), bias: tf.zeros([vocabulary]) });
}

/** Softmax(QKᵀ/√d)·V in each head; `joined` holds Q, K and V side by side, for as many heads of this size as a block has left. */
function attend(joined: tf.Tensor, size: number): tf.Tensor {
  const [examples, length, triple] = joined.shape as [number, number, number];
  const heads = triple / 3 / size;
  const split = tf.transpose(
    tf.reshape(joined, [examples, length, 3, heads, size]),
    [2, 0, 3, 1, 4]
  );
  const [q, k, v] = tf.unstack(split) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(size));
  const later = tf.sub(1, tf.linalg.bandPart(tf.ones([length, length]), -1, 0));
  const mixed = tf.matMul(tf.softmax(tf.sub(scores, tf.mul(later, 1e9))), v);
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [examples, length, heads * size]);
}

function normalise(x: tf.Tensor, { scale, shift }: Normalisation): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), scale), shift);
}

/** The usual approximation by a hyperbolic tangent. */
function gelu(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(
    Math.sqrt(2 / Math.PI),
    tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))))
  );
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
}

function blockParams(width: number, draw: Random, blocks: number): TransformerBlock {
  const intoSum = 1 / Math.sqrt(4 * blocks);
  return {
    before: normalisation(width),
    attention: {
      weight: heNormal([width, 3 * width], draw, Math.SQRT1_2),
      bias: tf.zeros([3 * width])
    },
    mix: denseParams(width, width, draw, intoSum),
    between: normalisation(width),
    widen: denseParams(width, 4 * width, draw),
    narrow: denseParams(4 * width, width, draw, intoSum)
  };
}

function normalisation(width: number): Normalisation {
  return { scale: tf.ones([width]), shift: tf.zeros([width]) };
}
