import type * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../errors.ts';
import { tensorflow } from '../runtime/start.ts';
import type { Exchange, Met, Reached, Share, Shared } from '../training/exchange.ts';
import { isTensor, leaves, type State, type Tree } from '../tree.ts';
import type { CompressedMean, Compression, Part } from './compression/compression.ts';
import { flatten, unflatten } from './flat.ts';
import { defaultBucketBytes } from './in-graph/buckets.ts';
import { type ComputeShared, stepOf } from './in-graph/step-of.ts';
import type { Workers } from './multi-worker.ts';
import { sharedOf, notesLength, readNotes, writeNotes } from './notes.ts';

/** Errors after which the workers that are left form anew. */
const recoverable = new Set(['distributed/lost', 'distributed/timeout']);

/** How workers train together. */
export interface TogetherOptions {
  /** Fewest workers to go on with when some are lost, at least 1. @default 1 */
  fewest?: number;
  /** How to send gradients in fewer bytes. What it has not sent yet is forgotten when the group forms anew. @default in full */
  compression?: Compression;
  /**
   * Local SGD: each worker takes this many steps on its own, then parameters and optimiser states are averaged. A worker lost meanwhile
   * takes its own steps with it, no more than these. @default 1
   * @see Stich 2019, arXiv:1805.09767
   */
  localSteps?: number;
  /**
   * Bytes of gradients from which a bucket travels, while the backward pass goes on with the layers before; Infinity sends all at its end. The
   * same on all workers. @default 1 MiB
   * @see Li et al. 2020, arXiv:2006.15704
   */
  bucketBytes?: number;
}

/**
 * Lets `fit` train with all workers of a group: data sharded, gradients averaged, one position on all of them.
 * @param workers From `multiWorker`.
 * @param options What is sent, how often, and when to give up.
 * @returns What `fit` takes as `workers`.
 * @throws HelperError `input/value` for local steps that are no whole number of at least 1, and buckets of no bytes.
 * @example const run = await fit(model, data, { loss, workers: together(await multiWorker()) });
 */
export function together(workers: Workers, options: TogetherOptions = {}): Exchange {
  const { fewest = 1, compression, bucketBytes = defaultBucketBytes } = options;
  if (bucketBytes !== Infinity) checkNumber('bucketBytes', bucketBytes, { above: 0 });
  const localSteps = checkNumber('localSteps', options.localSteps ?? 1, { from: 1, integer: true });
  const means = compression && new CompressedMeans(compression);
  return {
    localSteps,
    get rank() {
      return workers.group.rank;
    },
    get size() {
      return workers.group.size;
    },
    stepOf:
      compression || localSteps > 1
        ? undefined
        : (loss, optimizer) => stepOf(loss, optimizer, computeWith(workers), bucketBytes),
    average: share => (means ? means.average(workers, share) : average(workers, share)),
    meet: reached => meet(workers, reached),
    farthest: (step, bytes) => farthest(workers, step, bytes),
    recover: error => recover(workers, error, fewest)
  };
}

/** This worker's part of a step whose collective operations are inside. */
function computeWith<P extends Tree>(workers: Workers): ComputeShared<P> {
  return (gradient, params, batch, own) => {
    const { group, hasNewcomer } = workers;
    if (group.size === 1 || tensorflow().backend.binding.isUsingGpuDevice()) return undefined;
    const examples = batch.inputs.shape[0] ?? 0;
    const notes = writeNotes({ loss: 0, examples, hasNewcomer, ...own });
    return gradient.of(group, params, batch, notes).then(reduced => sharedOf(reduced, group.size));
  };
}

/** One all-reduce of gradients, weighted by examples, and notes. */
async function average(workers: Workers, share: Share): Promise<Shared> {
  const { gradient, examples } = share;
  const flat = await flatten(gradient, notesLength);
  const end = flat.length - notesLength;
  for (let i = 0; i < end; i++) flat[i]! *= examples;
  flat.set(writeNotes({ ...share, hasNewcomer: workers.hasNewcomer }), end);
  const sum = await workers.group.allReduce(flat);
  const { count, ...read } = readNotes(sum.subarray(end), workers.group.size);
  for (let i = 0; i < end; i++) sum[i]! /= count;
  return { ...read, gradient: unflatten(gradient, sum) };
}

/** Compressed gradients; the notes go before, since a weight depends on how many examples all have. */
class CompressedMeans {
  readonly #compression: Compression;
  #of: { generation: number; mean: CompressedMean } | undefined;

  constructor(compression: Compression) {
    this.#compression = compression;
  }

  async average(workers: Workers, share: Share): Promise<Shared> {
    const { group } = workers;
    const { gradient, examples } = share;
    const all = await group.allReduce(
      Float32Array.from(writeNotes({ ...share, hasNewcomer: workers.hasNewcomer }))
    );
    const { count, ...read } = readNotes(all, group.size);
    const flat = await flatten(gradient);
    const weight = (examples * group.size) / count;
    for (let i = 0; i < flat.length; i++) flat[i]! *= weight;
    if (this.#of?.generation !== group.generation) {
      const mean = this.#compression.start(partsOf(gradient));
      this.#of = { generation: group.generation, mean };
    }
    return { ...read, gradient: unflatten(gradient, await this.#of.mean.mean(group, flat)) };
  }
}

async function meet(workers: Workers, { position, loss, reason }: Reached): Promise<Met> {
  const tensors = leaves(position);
  const flat = await flatten(tensors, notesLength);
  const end = flat.length - notesLength;
  const { hasNewcomer } = workers;
  flat.set(writeNotes({ loss, examples: 1, hasNewcomer, reason }), end);
  const sum = await workers.group.allReduce(flat);
  const { count, ...read } = readNotes(sum.subarray(end), workers.group.size);
  for (let i = 0; i < end; i++) sum[i]! /= count;
  const means = unflatten(tensors, sum);
  return { ...read, position: replaceLeaves(position, means) };
}

/** The same state with other tensors. */
function replaceLeaves(state: State, tensors: readonly tf.Tensor[]): State {
  let next = 0;
  const walk = (node: State): State => {
    if (isTensor(node)) return tensors[next++]!;
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return node.map(walk);
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item)]));
  };
  return walk(state);
}

function partsOf(gradient: Tree): Part[] {
  let from = 0;
  return leaves(gradient).map(({ size, shape }) => ({ from: (from += size) - size, size, shape }));
}

async function farthest(workers: Workers, step: number, bytes: Uint8Array) {
  const { group } = workers;
  const all = await group.allGather(Int32Array.of(step, bytes.length));
  const steps = all.filter((_, i) => i % 2 === 0);
  const root = steps.indexOf(Math.max(...steps));
  const length = all[2 * root + 1]!;
  // Collective operations have no bytes: the file travels as whole numbers, four bytes each.
  const words = new Int32Array(Math.ceil(length / 4));
  if (group.rank === root) new Uint8Array(words.buffer).set(bytes);
  const received = await group.broadcast(words, root);
  if (group.rank === root) return { step, bytes };
  return { step: steps[root]!, bytes: new Uint8Array(received.buffer, 0, length) };
}

async function recover(workers: Workers, error: Error | undefined, fewest: number): Promise<void> {
  const code = error instanceof HelperError ? error.code : undefined;
  if (error instanceof Error && !(code && recoverable.has(code))) throw error;
  const { size } = await workers.reform();
  if (size < fewest) {
    const text = `${size} of the workers are left, fewer than the ${fewest} to go on with; start the others again and resume from the last checkpoint`;
    throw new HelperError('distributed/lost', text, { cause: error });
  }
}
