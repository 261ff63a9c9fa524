import type * as Tf from '@tensorflow/tfjs';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Address } from '../runtime/declarations.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import type { TensorFlow } from '../runtime/start.ts';
import type { TensorMetadata } from '../runtime/types.ts';
import type { Precision } from './autocast.ts';
import { RandomWatch } from './random.ts';
import type { InputSource } from './graph-inputs.ts';
import { Recording } from './recording.ts';
import { assertAlive, callSynchronously, releaseKept } from './call-user.ts';
import { stackFrames } from './source-line.ts';
import { type Flat, flatten, type Structure } from './structure.ts';
import { changed, type Snapshot, snapshot, Substitution } from './variables.ts';

/** A function of tensors as the user wrote it. */
export type TensorFunction = (...args: never[]) => unknown;

/** A recorded function: its name in TensorFlow and how to feed it. */
export interface Recorded {
  readonly name: string;
  readonly inputs: readonly InputSource[];
  /** How the user's result is nested. */
  readonly structure: Structure;
  /** Shapes and data types of the result's tensors. */
  readonly outputs: readonly Pick<TensorMetadata, 'shape' | 'dtype'>[];
  /** The variables it writes. */
  readonly written: readonly Variable[];
  readonly operations: number;
  /** How many products its convolutions sum up. */
  readonly convolutionProducts: number;
  /** How long recording took, in milliseconds. */
  readonly recordMs: number;
  /** Where an operation was first used, for messages. */
  readonly lineOf: (operation: string) => string;
}

/** Runs a recorded function once without compiling it: how the first values of variables are made. */
export type RunOnce = (name: string, inputs: readonly InputSource[], outputs: number) => Address[];

/** A variable that was made while recording. */
export interface Fresh {
  readonly variable: Variable;
  /** Its first value, as a symbol. */
  readonly first: number;
}

/** A function that makes the first values of new variables. */
interface FirstValues {
  readonly name: string;
  readonly inputs: readonly InputSource[];
}

let functions = 0;

/** Records functions with one TensorFlow. */
export class Recorder {
  readonly #tf: typeof Tf;
  readonly #runtime: TensorFlow;
  readonly #precision: Precision | undefined;

  /**
   * A recorder of functions.
   * @param tf TensorFlow.js.
   * @param runtime TensorFlow.
   * @param precision Lower precision for products of matrices and convolutions, if any.
   */
  constructor(tf: typeof Tf, runtime: TensorFlow, precision?: Precision) {
    this.#tf = tf;
    this.#runtime = runtime;
    this.#precision = precision;
  }

  /**
   * Records a function. One that makes variables is run twice: first to find their first values.
   * @param name What it is called.
   * @param fn The function.
   * @param args Its arguments, taken apart.
   * @param runOnce Runs a recorded function.
   * @returns What was recorded.
   * @throws TensorFlowError of area `jit`, naming the operation and the user's line.
   */
  record(name: string, fn: TensorFunction, args: Flat, runOnce: RunOnce): Recorded {
    const first = this.#attempt(name, fn, args, runOnce);
    const second = first === 'made variables' ? this.#attempt(name, fn, args, runOnce) : first;
    if (second !== 'made variables') return second;
    throw new TensorFlowError(
      'jit/record',
      `${name} makes new variables each time it runs; make them before, or only in the first run`
    );
  }

  /**
   * Sets the stage for a recording, plays it and clears the stage, whatever happens.
   * @param play Gets the recording.
   * @returns What `play` returned.
   */
  stage<T>(play: (recording: Recording, fresh: Fresh[]) => T): T {
    const engine = this.#tf.engine();
    const { backend } = this.#runtime;
    const watch = new RandomWatch(() => (engine.state.activeScope?.name ?? '').replace('__op', ''));
    const recording = new Recording(this.#runtime, watch, this.#precision);
    const fresh: Fresh[] = [];
    const stackTraceLimit = Error.stackTraceLimit;
    const makeVariable = engine.makeVariable.bind(engine);
    engine.makeVariable = (...args) => {
      const variable = makeVariable(...args);
      fresh.push({ variable, first: backend.idOf(variable) });
      return variable;
    };
    backend.recorder = recording;
    backend.binding.recorder = recording;
    Error.stackTraceLimit = stackFrames;
    watch.start();
    engine.startScope('jit');
    const substitution = new Substitution(this.#tf, this.#runtime);
    try {
      substitution.begin(recording);
      return play(recording, fresh);
    } finally {
      substitution.end();
      engine.endScope();
      watch.stop();
      Error.stackTraceLimit = stackTraceLimit;
      Reflect.deleteProperty(engine, 'makeVariable');
      backend.recorder = undefined;
      backend.binding.recorder = undefined;
      recording.dispose();
    }
  }

  /**
   * A tensor of a recording as TensorFlow.js sees it.
   * @param metadata Its symbol.
   * @returns The tensor.
   */
  wrap(metadata: TensorMetadata): Tensor {
    return this.#runtime.backend.wrap(metadata);
  }

  #attempt(
    name: string,
    fn: TensorFunction,
    args: Flat,
    runOnce: RunOnce
  ): Recorded | 'made variables' {
    const started = performance.now();
    const { backend } = this.#runtime;
    const dtypes = args.leaves.map(leaf => {
      // Values that wait are written now, so that they are no constants of the recording.
      backend.idOf(leaf);
      return backend.dataOf(leaf.dataId).dtype;
    });
    const made: Fresh[] = [];
    try {
      const recorded: Recorded | FirstValues = this.stage((recording, fresh) => {
        const symbols = args.leaves.map((leaf, index) =>
          leaf instanceof this.#tf.Variable
            ? leaf
            : this.wrap(recording.input({ kind: 'argument', index }, leaf.shape, dtypes[index]!))
        );
        const before = this.snapshot();
        try {
          const result = callSynchronously(name, fn, args.structure, symbols);
          assertAlive(name, before);
          if (fresh.length === 0) return this.#finish(name, recording, result, before, started);
        } finally {
          made.push(...fresh);
        }
        return this.#firstValues(name, recording, fresh);
      });
      if (isRecorded(recorded)) return recorded;
      this.#initialise(made, runOnce(recorded.name, recorded.inputs, made.length));
      return 'made variables';
    } catch (error) {
      for (const { variable } of made) variable.dispose();
      throw error;
    }
  }

  #finish(
    name: string,
    recording: Recording,
    result: unknown,
    before: Snapshot,
    started: number
  ): Recorded {
    const { backend } = this.#runtime;
    const { library } = backend.binding;
    const flat = flatten(result, 'the result');
    const written = changed(before);
    const ids = flat.leaves.map(tensor => backend.idOf(tensor));
    const writes = written.map(variable => ({ variable, value: backend.idOf(variable) }));
    const functionName = uniqueName(name);
    library.api.TF_DeleteFunction(recording.finish(functionName, ids, writes));
    const outputs = ids.map(id => {
      const { shape, dtype } = recording.resolve(id);
      return { shape, dtype };
    });
    for (const leaf of flat.leaves) releaseKept(leaf);
    return {
      name: functionName,
      inputs: recording.inputs.sources,
      structure: flat.structure,
      outputs,
      written,
      operations: recording.graph.size,
      convolutionProducts: recording.convolutionProducts,
      recordMs: performance.now() - started,
      lineOf: operation => recording.lineOf(operation)
    };
  }

  /** A function that makes the first values of the variables which the recording made. */
  #firstValues(name: string, recording: Recording, fresh: readonly Fresh[]): FirstValues {
    const { library } = this.#runtime.backend.binding;
    const functionName = uniqueName(`${name}_first`);
    const ids = fresh.map(({ first }) => first);
    library.api.TF_DeleteFunction(recording.finish(functionName, ids));
    return { name: functionName, inputs: recording.inputs.sources };
  }

  #initialise(made: readonly Fresh[], values: readonly Address[]): void {
    const { backend } = this.#runtime;
    made.forEach(({ variable }, i) => {
      const value = backend.wrap(backend.binding.describe(values[i]!));
      // What the variable held was a symbol; assigning disposes of it.
      variable.assign(value);
      value.dispose();
    });
  }

  /**
   * What every variable holds now.
   * @returns The variables with their data.
   */
  snapshot(): Snapshot {
    return snapshot(this.#tf);
  }
}

/**
 * A name that no function of TensorFlow has yet.
 * @param name What the user calls it.
 * @returns The name with a number.
 */
export function uniqueName(name: string): string {
  return `jit_${name.replace(/\W/g, '_')}_${functions++}`;
}

function isRecorded(recorded: Recorded | FirstValues): recorded is Recorded {
  return 'structure' in recorded;
}
