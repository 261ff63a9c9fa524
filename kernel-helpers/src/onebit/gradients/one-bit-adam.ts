import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { average } from '../../optim/arithmetic.ts';
import { adamNumbers, type AdamNumbers } from '../../optim/rules/adam.ts';
import { scaleByLearningRate, type LearningRate } from '../../optim/scale.ts';
import { leafwise, zerosLike, type Transform } from '../../optim/transform.ts';
import type { State, Tree } from '../../tree.ts';
import { signCompressor, treeBytes, type Compressor } from './compressor.ts';
import { sendWithFeedback } from './error-feedback.ts';
import { averageTrees, defineWorkers, singleWorker, type WorkersTransform } from './workers.ts';

/** Options of 1-bit Adam. */
export interface OneBitAdamOptions {
  /** Steps of plain Adam before the variance is frozen and bits are sent: 15 to 25 % of the run. */
  warmup: number;
  /** Decay β₁ of the mean. @default 0.9 */
  beta1?: number;
  /** Decay β₂ of the mean square, during the warm-up. @default 0.999 */
  beta2?: number;
  /** Added to the root of the mean square. @default 1e-8 */
  epsilon?: number;
  /** What is sent after the warm-up. @default signCompressor({ scale: 'root' }), as in DeepSpeed */
  compressor?: Compressor;
}

type OneBitState = {
  count: number;
  mean: Tree;
  square: Tree;
  workerErrors: readonly Tree[];
  serverError: Tree;
  rate: State;
};

/**
 * 1-bit Adam of several workers. During the warm-up it is Adam without bias correction, as in the paper and in DeepSpeed; then the mean square
 * is frozen, and of its running mean each worker sends signs with error feedback, and gets back the signs of their average, also with feedback.
 * @param learningRate At least 0, or a schedule.
 * @param options See `OneBitAdamOptions`; the scale is one per parameter tensor, where DeepSpeed has one for all of them.
 * @returns The optimiser, which counts the bytes sent.
 * @throws HelperError `input/value` for a decay outside 0 to 1, or a warm-up that is no whole number of at least 1.
 * @see Tang et al. 2021, arXiv:2102.02888, algorithm 1
 */
export function oneBitAdamWorkers(
  learningRate: LearningRate,
  options: OneBitAdamOptions
): WorkersTransform {
  const numbers = adamNumbers(options);
  const warmup = checkNumber('warmup', options.warmup, { from: 1, integer: true });
  const compressor = options.compressor ?? signCompressor({ scale: 'root' });
  const rate = scaleByLearningRate(learningRate);
  return defineWorkers<OneBitState>('oneBitAdam', {
    init: (params, workers) => ({
      count: 0,
      mean: zerosLike(params),
      square: zerosLike(params),
      workerErrors: Array.from({ length: workers }, () => zerosLike(params)),
      serverError: zerosLike(params),
      rate: rate.init(params)
    }),
    update(gradients, state, params) {
      const warm = state.count < warmup;
      const moments = warm
        ? warmMoments(gradients, state, numbers)
        : sentMoments(gradients, state, numbers, compressor);
      const direction = leafwise(
        (m, s) => tf.div(m, tf.add(tf.sqrt(s), numbers.epsilon)),
        moments.mean,
        moments.square
      );
      const { updates, state: next } = rate.update(direction, state.rate, params);
      const bytes = treeBytes(params, warm ? undefined : compressor.bytes);
      return { updates, state: { ...moments, count: state.count + 1, rate: next }, bytes };
    }
  });
}

/**
 * 1-bit Adam of one worker, as a transform: what `oneBitAdamWorkers` does with a single gradient.
 * @param learningRate At least 0, or a schedule.
 * @param options See `OneBitAdamOptions`.
 * @returns A transform; `bytesSent(state)` tells what it would have sent.
 */
export function oneBitAdam(learningRate: LearningRate, options: OneBitAdamOptions): Transform {
  return singleWorker(oneBitAdamWorkers(learningRate, options));
}

function warmMoments(
  gradients: readonly Tree[],
  state: OneBitState,
  { beta1, beta2 }: AdamNumbers
): OneBitState {
  const gradient = averageTrees(gradients);
  return {
    ...state,
    mean: leafwise((g, m) => average(m, g, beta1), gradient, state.mean),
    square: leafwise((g, s) => average(s, tf.square(g), beta2), gradient, state.square)
  };
}

function sentMoments(
  gradients: readonly Tree[],
  state: OneBitState,
  { beta1 }: AdamNumbers,
  compressor: Compressor
): OneBitState {
  const sendings = gradients.map((gradient, worker) => {
    const mean = leafwise((g, m) => average(m, g, beta1), gradient, state.mean);
    return sendWithFeedback(compressor, mean, state.workerErrors[worker]!);
  });
  const arrived = averageTrees(sendings.map(({ sent }) => sent));
  const { sent: mean, error: serverError } = sendWithFeedback(
    compressor,
    arrived,
    state.serverError
  );
  const workerErrors = sendings.map(({ error }) => error);
  return { ...state, mean, workerErrors, serverError };
}
