import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import { watchLeaves } from '../optim/leaf-watcher.ts';
import type { Transform, Updated } from '../optim/transform.ts';
import { tensorflow, type TensorFlow } from '../runtime/start.ts';
import type { State, Tree } from '../tree.ts';
import { type Compiled, type CompileReport, runOnce } from './compiled.ts';
import { callOrFallBack, type JitOptions, nameOf, readied, tellFallback } from './jitted.ts';
import { carriedOver, writeInPlace } from './in-place.ts';
import { Differs, mostNumbers, NumberLog, Rehearsal, sharedPlaces } from './numbers.ts';
import { Recorder } from './record.ts';
import { Recording } from './recording.ts';
import { type Flat, flatten, type Structure, unflatten } from './structure.ts';

/** Where a training run stands: its parameters and its optimiser's state. */
export interface TrainPosition<P extends Tree> {
  params: P;
  state: State;
}

/** The loss of parameters on one batch, a scalar. */
export type BatchLoss<P extends Tree, A extends unknown[]> = (params: P, ...inputs: A) => Scalar;

/** A training step that runs as one TensorFlow function. */
export interface TrainStep<P extends Tree, A extends unknown[]> {
  /** Takes one step; the new position and the loss at the old one are the caller's to dispose of. */
  (position: TrainPosition<P>, ...inputs: A): TrainPosition<P> & { loss: Scalar };
  /** What was recorded and compiled, when, and how long it took. */
  report(): CompileReport[];
  /** Forgets all recordings. */
  dispose(): void;
}

/**
 * Makes a training step of an optimiser run as one compiled function. All numbers that the optimiser computes in JavaScript, such as the
 * learning rate of a schedule or Adam's corrections, are inputs of the function: the step count does not lead to another recording.
 * @param optimizer A transform or a chain of them that works on gradients alone, without looking at the loss.
 * @param loss The loss to descend.
 * @param options As for `jit`; `watch` and `capacity` have no use here, and `background` compiles at once.
 * @returns Takes a position and a batch. The tensors of a position are left as they are, but variables (see `inVariables`) are written.
 * @throws TensorFlowError as `jit`; HelperError as the optimiser.
 * @example
 * const optimizer = chain(clipByGlobalNorm(1), scaleByAdam(), scaleByLearningRate(cosine(1e-3, 1000)));
 * const step = trainStep(optimizer, (params, x, y) => loss(model(params, x), y));
 * let position = { params, state: optimizer.init(params) };
 * position = step(position, x, y);
 */
export function trainStep<P extends Tree, A extends unknown[]>(
  optimizer: Transform,
  loss: BatchLoss<P, A>,
  options: JitOptions = {}
): TrainStep<P, A> {
  const steps = new Steps(optimizer, loss as BatchLoss<Tree, unknown[]>, options);
  return Object.assign(
    (position: TrainPosition<P>, ...inputs: A) =>
      steps.take(position, inputs) as TrainPosition<P> & { loss: Scalar },
    {
      report: () => steps.all.map(({ compiled }) => compiled.report()),
      dispose: () => steps.clear()
    }
  );
}

/** How many steps show which numbers stay equal. */
const samplesTaken = 3;

/** A recorded step, and what the optimiser did while it was recorded. */
interface Step {
  readonly key: string;
  readonly compiled: Compiled;
  readonly events: NumberLog['events'];
  /** Tensors of the next position that are the position's own, such as masks and variables, by their number: they are no outputs. */
  readonly same: ReadonlyMap<number, number>;
  /** Of the vector of numbers. */
  readonly size: number;
}

/** What a rehearsal of the optimiser finds out. */
interface Rehearsed {
  readonly numbers: readonly number[];
  /** The next state with its plain values. */
  readonly state: Structure;
}

class Steps {
  all: Step[] = [];
  readonly #optimizer: Transform;
  readonly #loss: BatchLoss<Tree, unknown[]>;
  readonly #options: JitOptions;
  readonly #name: string;
  readonly #seed: number;
  #runtime: TensorFlow | undefined;
  #calls = 0;

  constructor(optimizer: Transform, loss: BatchLoss<Tree, unknown[]>, options: JitOptions) {
    this.#optimizer = optimizer;
    this.#loss = loss;
    this.#options = options;
    this.#name = nameOf(loss, options);
    this.#seed = Math.trunc(options.seed ?? Math.random() * 2 ** 31);
  }

  clear(): void {
    for (const { compiled } of this.all) compiled.dispose();
    this.all = [];
  }

  take(position: TrainPosition<Tree>, inputs: readonly unknown[]): unknown {
    const runtime = tensorflow();
    if (this.#runtime !== runtime) this.clear();
    this.#runtime = runtime;
    const { params, state } = position;
    if (runtime.backend.binding.recorder) return this.#play(params, state, inputs);
    const [p, s, i] = [flatten(params, 'params'), flatten(state, 'state'), flatten(inputs, 'args')];
    // The state's numbers are left out: they come with each call.
    const key = `${p.signature} ${s.outline} ${i.signature}`;
    for (const step of this.all) {
      const rehearsed = step.key === key && this.#rehearse(runtime, step, position);
      if (rehearsed) return this.#run(step, rehearsed, p, s, i);
    }
    const step = this.#record(runtime, key, position, inputs);
    this.all.push(step);
    return this.#run(step, this.#rehearse(runtime, step, position)!, p, s, i);
  }

  /** The step itself, operation by operation. */
  #play(
    params: Tree,
    state: State,
    inputs: readonly unknown[],
    during: (update: () => Updated) => Updated = update => update()
  ) {
    const { leaves, structure } = flatten(params, 'params');
    const lossOf = (...values: Tensor[]): Scalar =>
      this.#loss(unflatten(structure, i => values[i]!) as Tree, ...inputs);
    const { value, grads } = tf.valueAndGrads(lossOf)(leaves);
    const gradient = unflatten(structure, i => grads[i]!) as Tree;
    const updated = during(() => this.#optimizer.update(gradient, state, params));
    const updates = flatten(updated.updates, 'updates').leaves;
    const next = unflatten(structure, i => tf.add(leaves[i]!, updates[i]!));
    return { params: next, state: updated.state, loss: value };
  }

  /** Recorded twice: the first time shows which numbers go together, so that XLA can fuse what uses them. */
  #record(
    runtime: TensorFlow,
    key: string,
    position: TrainPosition<Tree>,
    inputs: readonly unknown[]
  ): Step {
    const draft = this.#recordOnce(runtime, key, position, inputs);
    const places = sharedPlaces(this.#sample(runtime, draft, position));
    draft.compiled.dispose();
    return this.#recordOnce(runtime, key, position, inputs, places);
  }

  /** The numbers of this step and the next ones. */
  #sample(
    runtime: TensorFlow,
    draft: Step,
    { params, state: first }: TrainPosition<Tree>
  ): (readonly number[])[] {
    const samples: (readonly number[])[] = [];
    const tensors = flatten(first, 'state').leaves;
    let state = first;
    while (samples.length < samplesTaken) {
      const rehearsed = this.#rehearse(runtime, draft, { params, state });
      if (!rehearsed) break;
      samples.push(rehearsed.numbers);
      state = unflatten(rehearsed.state, i => tensors[i]!) as State;
    }
    return samples;
  }

  #recordOnce(
    runtime: TensorFlow,
    key: string,
    { params, state }: TrainPosition<Tree>,
    inputs: readonly unknown[],
    places?: readonly number[]
  ): Step {
    let events: NumberLog['events'] = [];
    let same: Step['same'] = new Map();
    const fn = (p: Tree, s: State, i: readonly unknown[], numbers: Tensor): unknown => {
      const { backend } = runtime;
      const recording = backend.recorder as Recording;
      const log = new NumberLog(recording, backend.idOf(numbers), places);
      events = log.events;
      const { loss, ...next } = this.#play(p, s, i, update => {
        recording.numbers = log;
        const updated = watchLeaves(log, update);
        recording.numbers = undefined;
        return updated;
      });
      const [before, after] = [
        [p, s],
        [next.params, next.state]
      ].map(each => flatten(each, 'position').leaves) as [Tensor[], Tensor[]];
      same = writeInPlace(before, after);
      return { loss, made: after.filter((_, at) => !same.has(at)) };
    };
    const recorder = new Recorder(tf, runtime, this.#options.precision);
    const size = places ? 1 + Math.max(0, ...places) : mostNumbers;
    const numbers = tf.zeros([size]);
    const args = flatten([params, state, inputs, numbers], 'args');
    const recorded = recorder.record(this.#name, fn, args, (name, from, count) =>
      runOnce(runtime, name, from, count, args.leaves, this.#nextSeed())
    );
    numbers.dispose();
    const compile = this.#options.compile === 'never' ? 'never' : 'now';
    return { key, events, same, size, compiled: readied(runtime, recorded, key, compile) };
  }

  #rehearse(
    { backend }: TensorFlow,
    { events }: Step,
    { params, state }: TrainPosition<Tree>
  ): Rehearsed | undefined {
    const rehearsal = new Rehearsal(events, metadata => backend.wrap(metadata));
    const engine = tf.engine();
    backend.recorder = backend.binding.recorder = rehearsal;
    engine.startScope('rehearsal');
    try {
      // Gradients have the parameters' shapes, and nothing looks at values.
      const updated = watchLeaves(rehearsal, () => this.#optimizer.update(params, state, params));
      if (!rehearsal.isOver) return undefined;
      return { numbers: rehearsal.numbers, state: flatten(updated.state, 'state').structure };
    } catch (error) {
      if (error instanceof Differs) return undefined;
      throw error;
    } finally {
      engine.endScope();
      backend.recorder = backend.binding.recorder = undefined;
    }
  }

  #run(
    { compiled, same, size }: Step,
    rehearsed: Rehearsed,
    ...[params, state, inputs]: [Flat, Flat, Flat]
  ): unknown {
    const values = new Float32Array(size);
    values.set(rehearsed.numbers);
    const numbers = tf.tensor1d(values);
    const before = [...params.leaves, ...state.leaves];
    const leaves = [...before, ...inputs.leaves, numbers];
    const { loss, made } = callOrFallBack(compiled, leaves, this.#nextSeed(), message =>
      tellFallback(this.#name, compiled, message)
    ) as { loss: Scalar; made: Tensor[] };
    numbers.dispose();
    let next = 0;
    const after = (at: number): Tensor => {
      const from = same.get(at);
      return from === undefined ? made[next++]! : carriedOver(before[from]!, from === at);
    };
    return {
      params: unflatten(params.structure, after),
      state: unflatten(rehearsed.state, i => after(params.leaves.length + i)),
      loss
    };
  }

  #nextSeed(): readonly [number, number] {
    return [this.#seed, this.#calls++];
  }
}
