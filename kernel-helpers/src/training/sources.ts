import type { Tensor } from '@tensorflow/tfjs';
import {
  batches,
  examplesOf,
  type BatchOptions,
  type Examples,
  type Rows,
  type Shard
} from '../data/batches.ts';
import { HelperError } from '../errors.ts';
import { isTensor, release } from '../tree.ts';

/** Batches one after another; `fit` disposes of each. An iterator can be gone through once: one epoch. */
export type BatchStream = AsyncIterable<Examples> | Iterable<Examples>;

/** What a model learns from: tensors, plain numbers, or a stream of batches. */
export type TrainingData = Examples | Rows | BatchStream;

/** Where the batches of a run come from. */
export interface Source {
  /** Batches per epoch; unknown for a stream. */
  readonly perEpoch: number;
  /** The batch of a step, or one worker's part of it; null when there are no more. Its tensors belong to the receiver. */
  readonly next: (step: number, shard?: Shard) => Promise<Examples | null>;
  /** Frees what the source made itself. */
  readonly close: () => void;
}

/**
 * Opens training data.
 * @param data Tensors, plain numbers, or a stream.
 * @param options How to draw batches from tensors and numbers.
 * @param from The step at which a resumed run goes on; a stream is read up to there.
 * @returns Where the batches come from.
 * @throws HelperError `input/empty` or `input/shape` for examples that make no batch.
 */
export function openSource(data: TrainingData, options: BatchOptions, from: number): Source {
  if (isStream(data)) return streamSource(data, from);
  const isRows = !isTensor(data.inputs);
  const examples = isRows ? examplesOf(data as Rows) : (data as Examples);
  try {
    const { at, perEpoch } = batches(examples, options);
    return {
      perEpoch,
      next: (step, shard) => Promise.resolve(at(step, shard)),
      close: () => isRows && release({ ...examples })
    };
  } catch (error) {
    if (isRows) release({ ...examples });
    throw error;
  }
}

function streamSource(stream: BatchStream, from: number): Source {
  const iterator =
    Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
  let passed = 0;
  const pull = async (): Promise<Examples | null> => {
    const result = await iterator.next();
    if (result.done) return null;
    const { inputs, targets } = result.value as { inputs?: Tensor; targets?: Tensor };
    if (isTensor(inputs) && isTensor(targets)) return { inputs, targets };
    throw new HelperError(
      'input/structure',
      'expected each batch to be { inputs, targets } of tensors'
    );
  };
  const next = async (_step: number, shard?: Shard): Promise<Examples | null> => {
    if (shard && shard.size > 1) {
      throw new HelperError(
        'input/structure',
        'expected tensors or arrays to train on with several workers, got a stream, which cannot be gone back in when a worker is lost'
      );
    }
    for (; passed < from; passed++) {
      const skipped = await pull();
      if (!skipped) return null;
      release({ ...skipped });
    }
    const batch = await pull();
    if (!batch && passed === 0)
      throw new HelperError('input/empty', 'expected at least one batch, got none');
    passed++;
    return batch;
  };
  return { perEpoch: Infinity, next, close: () => void iterator.return?.() };
}

function isStream(data: TrainingData): data is BatchStream {
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}
