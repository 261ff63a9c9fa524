import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import { watchLeaves } from '../optim/leaf-watcher.ts';
import type { Transform, Updated } from '../optim/transform.ts';
import { tensorflow, type TensorFlow } from '../runtime/start.ts';
import type { State, Tree } from '../tree.ts';
import type { Way } from './comparison.ts';
import { type Compiled, type CompileReport, runOnce } from './compiled.ts';
import { carriedOver, writeInPlace } from './in-place.ts';
import { callOrFallBack, type JitOptions, nameOf, readied, tellFallback } from './jitted.ts';
import { mostNumbers, NumberLog, sharedPlaces } from './numbers.ts';
import { Recorder } from './record.ts';
import type { Recording } from './recording.ts';
import { Differs, Rehearsal } from './rehearsal.ts';
import { type Flat, flatten, type Structure, unflatten } from './structure.ts';
import type { BatchLoss, TrainPosition, TrainStep } from './train-step.ts';

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

/** What a step reached, and the loss where it started. */
type Taken<P extends Tree> = ReturnType<TrainStep<P, unknown[]>>;

/** Decides, for each call of a recorded step, how it runs. */
export interface Chooser {
  /**
   * Chooses.
   * @param compiled The step.
   * @param compile Compiles it with XLA on another thread; resolves to TensorFlow's text where that fails.
   * @returns How it runs now.
   */
  choose(compiled: Compiled, compile: () => Promise<string | undefined>): Way;
}

/** The recordings of a training step: one for each kind of position and batch, and for each way that the optimiser takes through them. */
export class Steps {
  #all: Step[] = [];
  readonly #optimizer: Transform;
  readonly #loss: BatchLoss<Tree, unknown[]>;
  readonly #options: JitOptions;
  readonly #chooser: Chooser | undefined;
  readonly #name: string;
  readonly #seed: number;
  #runtime: TensorFlow | undefined;
  #calls = 0;

  /**
   * Starts with no recording.
   * @param optimizer Turns gradients into updates.
   * @param loss The loss to descend.
   * @param options As for `trainStep`.
   * @param chooser Decides how calls run, with `compile: 'never'`; as the options say without it.
   */
  constructor(
    optimizer: Transform,
    loss: BatchLoss<Tree, unknown[]>,
    options: JitOptions,
    chooser?: Chooser
  ) {
    this.#optimizer = optimizer;
    this.#loss = loss;
    this.#options = options;
    this.#chooser = chooser;
    this.#name = nameOf(loss, options);
    this.#seed = Math.trunc(options.seed ?? Math.random() * 2 ** 31);
  }

  /** Forgets all recordings. */
  clear(): void {
    for (const { compiled } of this.#all) compiled.dispose();
    this.#all = [];
  }

  /**
   * What was recorded.
   * @returns A report of each.
   */
  report(): CompileReport[] {
    return this.#all.map(({ compiled }) => compiled.report());
  }

  /**
   * Takes a step.
   * @param position Where to start; not disposed of.
   * @param inputs The batch, as the loss takes it.
   * @returns The next position and the loss at this one, which belong to the caller.
   */
  take<P extends Tree>(position: TrainPosition<P>, inputs: readonly unknown[]): Taken<P> {
    return this.#take(position, inputs) as Taken<P>;
  }

  #take(position: TrainPosition<Tree>, inputs: readonly unknown[]): unknown {
    const runtime = tensorflow();
    if (this.#runtime !== runtime) this.clear();
    this.#runtime = runtime;
    const { params, state } = position;
    if (runtime.backend.binding.recorder) return this.#play(params, state, inputs);
    const [p, s, i] = [flatten(params, 'params'), flatten(state, 'state'), flatten(inputs, 'args')];
    // The state's numbers are left out: they come with each call.
    const key = `${p.signature} ${s.outline} ${i.signature}`;
    for (const step of this.#all) {
      const rehearsed = step.key === key && this.#rehearse(runtime, step, position);
      if (rehearsed) return this.#run(step, rehearsed, p, s, i);
    }
    const step = this.#record(runtime, key, position, inputs);
    this.#all.push(step);
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
    const way = this.#chooser?.choose(compiled, () => compiled.compile(leaves, this.#nextSeed()));
    if (way) compiled.mode = way;
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
