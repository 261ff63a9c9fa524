import * as tf from '@tensorflow/tfjs';
import { autodiff } from '../../estimators/autodiff.ts';
import { RecordingCache } from '../../jit/cache.ts';
import { Compiled, runOnce } from '../../jit/compiled.ts';
import { Recorder } from '../../jit/record.ts';
import type { Recording } from '../../jit/recording.ts';
import { type Flat, flatten, unflatten } from '../../jit/structure.ts';
import { zerosLike } from '../../optim/transform.ts';
import type { Address } from '../../runtime/declarations.ts';
import { TensorFlowError } from '../../runtime/errors.ts';
import type { TensorFlow } from '../../runtime/start.ts';
import { DataType } from '../../runtime/types.ts';
import type { Moments } from '../../training/batch-statistics.ts';
import type { BatchLoss } from '../../training/exchange.ts';
import type { Examples } from '../../data/batches.ts';
import { leaves, mapTree, type Tree } from '../../tree.ts';
import { addInBuckets } from './buckets.ts';
import type { GroupFunction } from './function-runner.ts';
import { GraphSum } from './graph-sum.ts';

/** What comes of one step, the same on all workers; the tensors belong to the receiver. */
export interface Reduced<P extends Tree> {
  /** The mean gradient over all examples. */
  readonly gradient: P;
  /** The sums of the notes; the first is the loss times the examples. */
  readonly notes: tf.Tensor1D;
  /** Of the batch-normalisation layers. */
  readonly moments: readonly Moments[];
}

/** One of those that compute a step together: a worker, or a device of this process. */
export interface Seat {
  /** Its number, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** How sums travel, as TensorFlow's `communication_hint`. */
  readonly hint: string;
  /** Takes numbers for collective operations, and gives the first of them: all seats must ask for as many in the same order. */
  reserve(operations: number): number;
  /** Runs a function with the others; the inputs stay the caller's. */
  runFunction(step: GroupFunction, inputs: readonly Address[]): Promise<Address[]>;
}

/** Kinds of batches that are remembered: whole ones, and the smaller last ones of groups of several sizes. */
const capacity = 32;

/**
 * Loss and gradient of a batch that workers share, as one TensorFlow function with the collective operations inside: gradients travel in
 * buckets while the backward pass goes on, and batch normalisation sees the batches of all workers. It runs on TensorFlow's function
 * runtime, as MultiWorkerMirroredStrategy runs its own steps: asked to compile it, XLA answers in TensorFlow 2.21 that "Collectives are not
 * yet implemented for CPU devices when compiling with XLA".
 */
export class SharedGradient<P extends Tree> {
  readonly #runtime: TensorFlow;
  readonly #loss: BatchLoss<P>;
  readonly #bucketBytes: number | undefined;
  readonly #cache = new RecordingCache(capacity);
  readonly #functions = new WeakMap<Compiled, GroupFunction>();
  /** By the sums' sizes, the number of the first one: TensorFlow makes arrangements for a number once, so steps go on using theirs. */
  readonly #firstSums = new WeakMap<Seat, Map<string, number>>();
  #calls = 0;

  /**
   * Starts with no recording.
   * @param runtime TensorFlow.
   * @param loss The loss of a batch.
   * @param bucketBytes Bytes of gradients that travel together.
   */
  constructor(runtime: TensorFlow, loss: BatchLoss<P>, bucketBytes?: number) {
    this.#runtime = runtime;
    this.#loss = loss;
    this.#bucketBytes = bucketBytes;
  }

  /**
   * Computes a step's loss and gradient with all seats.
   * @param seat Whose part of the batch this is.
   * @param params The parameters, equal on all workers.
   * @param batch This worker's examples; there may be none.
   * @param notes What travels along: the loss, times the examples, takes the place of the first, and the second is the examples.
   * @returns Means and sums over all seats.
   * @throws HelperError as the seat's `runFunction`; TensorFlowError `jit/*` when the loss cannot be recorded.
   */
  async of(seat: Seat, params: P, batch: Examples, notes: readonly number[]): Promise<Reduced<P>> {
    const own = [tf.tensor1d([...notes]), tf.scalar(seat.size, 'int32')];
    const seed = tf.tensor1d([1 + seat.rank, this.#calls++], 'int32');
    let first = tf.scalar(0, 'int32');
    try {
      const args = flatten([params, { ...batch }, ...own, first], 'args');
      const compiled = this.#cache.find(args.signature) ?? this.#record(seat, args);
      const step = this.#functions.get(compiled)!;
      first.dispose();
      first = tf.scalar(this.#firstSum(seat, step), 'int32');
      const inputs = this.#inputsOf(compiled, [...args.leaves.slice(0, -1), first], seed);
      return this.#read(compiled, await seat.runFunction(step, inputs));
    } finally {
      tf.dispose([...own, seed, first]);
    }
  }

  /** Takes the functions out of TensorFlow. */
  dispose(): void {
    this.#cache.clear();
  }

  /** The same on all seats, whose parts of a batch may differ but not their sums. */
  #firstSum(seat: Seat, { sums }: GroupFunction): number {
    const known = this.#firstSums.get(seat) ?? new Map<string, number>();
    this.#firstSums.set(seat, known);
    const key = String(sums);
    const first = known.get(key) ?? seat.reserve(sums.length);
    known.set(key, first);
    return first;
  }

  #record(seat: Seat, args: Flat): Compiled {
    const { backend } = this.#runtime;
    let sum: GraphSum | undefined;
    const step = (
      params: P,
      batch: Examples,
      notes: tf.Tensor1D,
      size: tf.Tensor,
      firstInstance: tf.Tensor
    ): Reduced<P> => {
      // Resources belong to one context, values to none.
      (backend.recorder as Recording).inputs.variablesAsValues = true;
      sum = new GraphSum(this.#runtime, {
        size,
        firstInstance,
        hint: seat.hint
      });
      return this.#step(sum, params, batch, notes);
    };
    const recorded = new Recorder(tf, this.#runtime).record('shared', step, args, (...run) =>
      runOnce(this.#runtime, ...run, args.leaves, [0, 0])
    );
    const compiled = new Compiled(this.#runtime, recorded, args.signature, 'plain');
    const { name, outputs } = recorded;
    const { sums } = sum!;
    const definition = this.#definitionOf(compiled);
    const count = outputs.length;
    this.#functions.set(compiled, { name, definition, sums, outputs: count });
    this.#cache.add(backend.binding, compiled);
    return compiled;
  }

  #step(sum: GraphSum, params: P, batch: Examples, notes: tf.Tensor1D): Reduced<P> {
    const add = (values: tf.Tensor): tf.Tensor => sum.add(values);
    let moments: readonly Moments[] = [];
    const examples = batch.inputs.shape[0];
    const total = (at: P): tf.Scalar => {
      const computed = this.#loss.compute(at, batch, add);
      ({ moments } = computed);
      return tf.mul(computed.loss, examples);
    };
    const isIdle = examples === 0 && !this.#loss.isShared;
    const { loss, gradient } = isIdle
      ? { loss: tf.scalar(0), gradient: zerosLike(params) }
      : autodiff()(total, params);
    const all = tf.concat1d([tf.reshape(loss, [1]), tf.slice1d(notes, 1, notes.size - 1)]);
    const summed = addInBuckets(leaves(gradient), all, add, this.#bucketBytes);
    const count = tf.reshape(tf.slice1d(summed.notes, 1, 1), []);
    return {
      gradient: mapTree(params, (_, __, i) => tf.div(summed.gradients[i]!, count)),
      notes: summed.notes,
      moments
    };
  }

  /** What another context needs to run the function, too. */
  #definitionOf({ recorded }: Compiled): Buffer {
    const { library, context } = this.#runtime.backend.binding;
    const { api, status } = library;
    if (recorded.written.length > 0) {
      const names = recorded.written.map(variable => variable.name).join(', ');
      throw new TensorFlowError('jit/record', `it writes the variables ${names}`);
    }
    const buffer = api.TF_NewBuffer();
    try {
      api.TFE_ContextGetFunctionDef(context.address, recorded.name, buffer, status);
      library.check('the definition of a recorded function', 'jit/record');
      const definition = library.readBuffer(buffer);
      if (!definition.includes('StatelessWhile')) return definition;
      throw new TensorFlowError('jit/record', 'it holds a loop, whose functions do not come along');
    } finally {
      api.TF_DeleteBuffer(buffer);
    }
  }

  #inputsOf(compiled: Compiled, args: readonly tf.Tensor[], seed: tf.Tensor): Address[] {
    const { backend } = this.#runtime;
    return compiled.recorded.inputs.map(input => {
      if (input.kind === 'captured') return input.handle;
      if (input.kind === 'variable') return backend.idOf(input.variable);
      if (input.kind === 'argument') return backend.idOf(args[input.index]!);
      return backend.idOf(seed);
    });
  }

  #read({ recorded }: Compiled, tensors: readonly Address[]): Reduced<P> {
    const { backend } = this.#runtime;
    const results = tensors.map((tensor, i) => {
      const id = backend.binding.own(tensor, DataType.float32);
      return backend.wrap({ id, ...recorded.outputs[i]! });
    });
    return unflatten(recorded.structure, i => results[i]!) as Reduced<P>;
  }
}
