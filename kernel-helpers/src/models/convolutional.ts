import * as tf from '@tensorflow/tfjs';
import { random } from '../data/random.ts';
import { checkNumber } from '../errors.ts';
import type { Network } from '../training/network.ts';
import {
  asPictures,
  convolutionParams,
  convolve,
  dense,
  denseParams,
  type Convolution,
  type Dense
} from './layers.ts';

/** Parameters of LeNet-5. */
export type LeNet5Params = {
  readonly convolutions: readonly Convolution[];
  readonly layers: readonly Dense[];
};

/**
 * LeNet-5 in the form that the pruning literature uses: 20 and 50 filters of 5 × 5, 500 hidden units; 431,080 parameters.
 * @param options `seed` fixes the weights. @default 0
 * @returns A network from [examples, 784] or [examples, 28, 28, 1] to [examples, 10] logits.
 * @see LeCun et al. 1998; Han et al. 2015, arXiv:1506.02626
 */
export function leNet5(options: { seed?: number } = {}): Network<LeNet5Params> {
  const draw = random(options.seed ?? 0);
  return {
    params: {
      convolutions: [convolutionParams(5, 1, 20, draw), convolutionParams(5, 20, 50, draw)],
      layers: [denseParams(800, 500, draw), denseParams(500, 10, draw)]
    },
    apply({ convolutions, layers }, inputs) {
      const pooled = convolutions.reduce<tf.Tensor4D>(
        (x, layer) => tf.maxPool(convolve(x, layer, 'valid'), 2, 2, 'valid'),
        asPictures(inputs, 1)
      );
      const hidden = tf.relu(dense(tf.reshape(pooled, [inputs.shape[0], -1]), layers[0]!));
      return dense(hidden, layers[1]!);
    }
  };
}

/** A residual block's parameters; `gain` scales what it adds. */
export type ResidualBlock = {
  readonly first: Convolution;
  readonly second: Convolution;
  readonly gain: tf.Tensor;
};

/** Parameters of a small ResNet: a stem, stages of blocks, a head. */
export type ResNetParams = {
  readonly stem: Convolution;
  readonly stages: readonly {
    readonly widen: Convolution;
    readonly blocks: readonly ResidualBlock[];
  }[];
  readonly head: Dense;
};

/** Size of a small ResNet. */
export interface ResNetOptions {
  /** Fixes the weights. @default 0 */
  seed?: number;
  /** Channels of the pictures. @default 1 */
  channels?: number;
  /** Filters of the first stage; each stage has twice as many as the one before. @default 8 */
  width?: number;
  /** How many stages; each halves the picture's sides. @default 2 */
  stages?: number;
  /** Residual blocks per stage. @default 1 */
  blocks?: number;
  /** How many classes. @default 10 */
  classes?: number;
}

/**
 * A small ResNet without normalisation: each block adds `gain·f(x)` with a gain that starts at 0, so that the network starts as if it
 * were shallow, and stays a pure function of its parameters.
 * @param options See `ResNetOptions`.
 * @returns A network from pictures [examples, side, side, channels] to [examples, classes] logits.
 * @see He et al. 2016, arXiv:1512.03385; De and Smith 2020, arXiv:2002.10444, for the gains
 */
export function resNet(options: ResNetOptions = {}): Network<ResNetParams> {
  const { channels = 1, width = 8, stages = 2, blocks = 1, classes = 10 } = options;
  for (const [name, value] of Object.entries({ channels, width, stages, blocks, classes })) {
    checkNumber(name, value, { from: 1, integer: true });
  }
  const draw = random(options.seed ?? 0);
  const block = (size: number): ResidualBlock => ({
    first: convolutionParams(3, size, size, draw),
    second: convolutionParams(3, size, size, draw),
    gain: tf.zeros([])
  });
  const stage = (_: unknown, index: number) => {
    const size = width * 2 ** index;
    const widen = convolutionParams(1, index === 0 ? width : size / 2, size, draw);
    return { widen, blocks: Array.from({ length: blocks }, () => block(size)) };
  };
  const params: ResNetParams = {
    stem: convolutionParams(3, channels, width, draw),
    stages: Array.from({ length: stages }, stage),
    head: denseParams(width * 2 ** (stages - 1), classes, draw)
  };
  return { params, apply: (at, inputs) => applyResNet(at, asPictures(inputs, channels)) };
}

function applyResNet({ stem, stages, head }: ResNetParams, pictures: tf.Tensor4D): tf.Tensor {
  let x = tf.relu(convolve(pictures, stem, 'same'));
  for (const { widen, blocks } of stages) {
    x = tf.avgPool(convolve(x, widen, 'same'), 2, 2, 'same');
    for (const { first, second, gain } of blocks) {
      const inner = convolve(tf.relu(convolve(tf.relu(x), first, 'same')), second, 'same');
      x = tf.add(x, tf.mul(inner, gain));
    }
  }
  return dense(tf.mean(tf.relu(x), [1, 2]), head);
}
