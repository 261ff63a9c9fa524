import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError, inWords } from '../errors.ts';
import { isTensor } from '../tree.ts';
import { permutation, streamSeed } from './random.ts';

/** Inputs and what a model should make of them; the first axis counts examples. */
export interface Examples {
  /** Of shape [examples, …]. */
  readonly inputs: tf.Tensor;
  /** Of shape [examples, …]; class numbers, one-hot rows or values, as the loss wants them. */
  readonly targets: tf.Tensor;
}

/** Rows as plain numbers, to make examples of. */
export interface Rows {
  /** One input per example. */
  readonly inputs: tf.TensorLike;
  /** One target per example. */
  readonly targets: tf.TensorLike;
}

/** How to draw batches. */
export interface BatchOptions {
  /** Examples per batch; the last batch of an epoch may be smaller. @default 32 */
  batchSize?: number;
  /** Whether each epoch has an order of its own. @default true */
  shuffle?: boolean;
  /** Fixes the orders. @default 0 */
  seed?: number;
}

/** One worker's part of every batch. */
export interface Shard {
  /** The worker, from 0. */
  readonly rank: number;
  /** How many workers share each batch. */
  readonly size: number;
}

/** Batches that a step's number determines, so that a run can be resumed anywhere. */
export interface Batches {
  /** How many examples there are. */
  readonly examples: number;
  /** How many batches make an epoch. */
  readonly perEpoch: number;
  /** The batch of a step from 0, or one worker's part of it, which may be empty; its tensors belong to the receiver. */
  readonly at: (step: number, shard?: Shard) => Examples;
}

const whole: Shard = { rank: 0, size: 1 };

/**
 * Cuts examples into batches, each epoch in its own order.
 * @param examples The examples; they must outlive the batches.
 * @param options Size, shuffling, seed.
 * @returns The batches by the step's number.
 * @throws HelperError `input/empty` without examples, `input/shape` when inputs and targets differ in number.
 */
export function batches(examples: Examples, options: BatchOptions = {}): Batches {
  const { shuffle = true, seed = 0 } = options;
  const size = checkNumber('batchSize', options.batchSize ?? 32, { from: 1, integer: true });
  const count = countExamples(examples);
  const perEpoch = Math.ceil(count / size);
  let latest: { epoch: number; order: Int32Array } | undefined;
  const orderOf = (epoch: number): Int32Array => {
    if (latest?.epoch !== epoch)
      latest = { epoch, order: permutation(count, streamSeed(seed, epoch)) };
    return latest.order;
  };
  const at = (step: number, { rank, size: workers } = whole): Examples => {
    const [epoch, start] = [Math.floor(step / perEpoch), (step % perEpoch) * size];
    const ofBatch = Math.min(size, count - start);
    const [first, end] = [rank, rank + 1].map(r => Math.floor((ofBatch * r) / workers));
    const [from, length] = [start + first!, end! - first!];
    const pick = (tensor: tf.Tensor): tf.Tensor => {
      if (!shuffle) return tf.slice(tensor, from, length);
      return tf.tidy(() =>
        tf.gather(tensor, tf.tensor1d(orderOf(epoch).slice(from, from + length), 'int32'))
      );
    };
    return { inputs: pick(examples.inputs), targets: pick(examples.targets) };
  };
  return { examples: count, perEpoch, at };
}

/**
 * Makes tensors of plain numbers.
 * @param rows Nested arrays or typed arrays.
 * @returns Examples, whose tensors belong to the caller.
 */
export function examplesOf(rows: Rows): Examples {
  return { inputs: tf.tensor(rows.inputs), targets: tf.tensor(rows.targets) };
}

/**
 * Counts examples.
 * @param examples Inputs and targets.
 * @returns The length of their first axis.
 * @throws HelperError `input/empty`, `input/shape`, `input/structure` for what is no tensor, `input/disposed`, or `input/dtype` for texts.
 */
export function countExamples({ inputs, targets }: Examples): number {
  checkNumeric('inputs', inputs);
  checkNumeric('targets', targets);
  const [count = 0, ofTargets = 0] = [inputs.shape[0], targets.shape[0]];
  if (count !== ofTargets) {
    throw new HelperError(
      'input/shape',
      `expected as many targets as inputs, got inputs of shape [${String(inputs.shape)}] and targets of shape [${String(targets.shape)}]`
    );
  }
  if (count === 0) throw new HelperError('input/empty', 'expected at least one example, got none');
  return count;
}

function checkNumeric(name: string, value: tf.Tensor): void {
  if (!isTensor(value)) {
    throw new HelperError(
      'input/structure',
      `expected ${name} to be a tensor, got ${inWords(value)}; pass { inputs, targets }`
    );
  }
  if (value.isDisposed) {
    throw new HelperError(
      'input/disposed',
      `expected ${name} of shape [${String(value.shape)}] to hold values, they were disposed of; keep them with tf.keep`
    );
  }
  if (value.dtype === 'string' || value.dtype === 'complex64') {
    throw new HelperError(
      'input/dtype',
      `expected ${name} to be numbers, got ${value.dtype}; give classes numbers from 0`
    );
  }
}
