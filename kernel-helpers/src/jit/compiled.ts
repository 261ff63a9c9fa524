import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Address } from '../runtime/declarations.ts';
import type { TensorFlow } from '../runtime/start.ts';
import { Comparison, type Way } from './comparison.ts';
import { feed, resourceOf } from './feed.ts';
import type { InputSource } from './graph-inputs.ts';
import type { Recorded } from './record.ts';
import { unflatten } from './structure.ts';

/**
 * How a recorded function runs: compiled by XLA, as a plain TensorFlow function, plainly while XLA compiles on another thread, or both ways
 * by turns until it is known which is the quicker one.
 */
export type Mode = Way | 'compiling' | 'comparing';

/** What became of one recording. */
export interface CompileReport {
  /** Name of the function in TensorFlow. */
  readonly name: string;
  /** Shapes, data types and plain values it was recorded for. */
  readonly signature: string;
  readonly mode: Mode;
  /** Why it is not compiled, where compilation was asked for. */
  readonly note: string | undefined;
  readonly operations: number;
  readonly inputs: number;
  /** Names of the variables it writes. */
  readonly writes: readonly string[];
  /** When it was recorded, ISO 8601. */
  readonly recordedAt: string;
  readonly recordMs: number;
  /** How long the first run took, with XLA's compilation where it is compiled at once, in milliseconds. */
  readonly firstRunMs: number;
  readonly calls: number;
}

/** A recorded function, ready to be called. */
export class Compiled {
  readonly recorded: Recorded;
  readonly signature: string;
  /** Set when a tensor it captured was disposed of: it must be recorded again. */
  isStale = false;
  mode: Mode;
  #note: string | undefined;
  #comparison: Comparison | undefined;
  readonly #runtime: TensorFlow;
  readonly #recordedAt = new Date().toISOString();
  readonly #written: ReadonlySet<Variable>;
  #operation: Address = 0;
  #firstRunMs = 0;
  #calls = 0;

  /**
   * Readies a recorded function.
   * @param runtime TensorFlow.
   * @param recorded The function.
   * @param signature What it was recorded for.
   * @param mode How it runs at first.
   */
  constructor(runtime: TensorFlow, recorded: Recorded, signature: string, mode: Mode) {
    this.#runtime = runtime;
    this.recorded = recorded;
    this.#written = new Set(recorded.written);
    this.signature = signature;
    this.mode = mode;
  }

  /** Handles of the tensors it captured. */
  get captured(): Address[] {
    return this.recorded.inputs.flatMap(input => (input.kind === 'captured' ? [input.handle] : []));
  }

  /**
   * Calls the function: its variables are written, its result is new tensors.
   * @param leaves The arguments' tensors.
   * @param seed What random operations draw from.
   * @returns The result, nested as the user's function nests it.
   */
  call(leaves: readonly Tensor[], seed: readonly [number, number]): unknown {
    const way = this.#comparison?.next ?? (this.mode === 'xla' ? 'xla' : 'plain');
    const started = performance.now();
    const handles = this.#run(way, leaves, seed);
    const ms = performance.now() - started;
    if (this.#calls++ === 0) this.#firstRunMs = ms;
    if (this.#comparison) this.#compare(this.#comparison, way, ms);
    const { outputs, structure } = this.recorded;
    const { backend } = this.#runtime;
    return unflatten(structure, i => backend.wrap({ id: handles[i]!, ...outputs[i]! }));
  }

  /**
   * Compiles on another thread; calls run as before meanwhile and afterwards.
   * @param leaves Tensors of the arguments' shapes.
   * @param seed What random operations draw from.
   * @returns TensorFlow's text when XLA cannot compile it; it stays plain then.
   */
  async compile(
    leaves: readonly Tensor[],
    seed: readonly [number, number]
  ): Promise<string | undefined> {
    const { backend } = this.#runtime;
    const { binding } = backend;
    const { library } = binding;
    const text = library.text(this.recorded.name);
    const operation = library.api.TFE_NewOp(binding.context.address, text, library.status);
    library.check(this.recorded.name);
    library.api.TFE_OpSetAttrBool(operation, library.text(mustCompile), 1);
    // What the rehearsal writes goes into copies.
    const copies: Address[] = [];
    const copy = (variable: Variable): Address => {
      backend.idOf(variable);
      const made = backend.residents.copy(backend.dataOf(variable.dataId));
      copies.push(made);
      return made;
    };
    feed(this.#runtime, operation, this.recorded.inputs, leaves, seed, copy);
    const failure = await binding.rehearse(operation, this.recorded.outputs.length);
    for (const resource of copies) backend.residents.release(resource);
    if (failure !== undefined) this.fallBack(failure);
    return failure;
  }

  /** Goes over to what was compiled, unless that turns out to be the slower way. */
  switchOver(): void {
    // A GPU computes while JavaScript goes on: how long a call takes says nothing of it.
    if (this.#runtime.backend.binding.isUsingGpuDevice()) this.mode = 'xla';
    else [this.mode, this.#comparison] = ['comparing', new Comparison()];
  }

  #compare(comparison: Comparison, way: Way, ms: number): void {
    comparison.add(way, ms);
    const { quicker } = comparison;
    if (quicker === 'plain') this.fallBack(comparison.note);
    if (quicker === 'xla') [this.mode, this.#comparison] = ['xla', undefined];
  }

  /**
   * Gives up XLA for this function.
   * @param note Why.
   */
  fallBack(note: string): void {
    this.mode = 'plain';
    this.#comparison = undefined;
    this.#note = note;
  }

  /**
   * What became of this recording.
   * @returns A report.
   */
  report(): CompileReport {
    const { name, inputs, operations, recordMs, written } = this.recorded;
    return {
      name,
      signature: this.signature,
      mode: this.mode,
      note: this.#note,
      operations,
      inputs: inputs.length,
      writes: written.map(variable => variable.name),
      recordedAt: this.#recordedAt,
      recordMs,
      firstRunMs: this.#firstRunMs,
      calls: this.#calls
    };
  }

  /** Takes the function out of TensorFlow. */
  dispose(): void {
    const { binding } = this.#runtime.backend;
    if (binding.isClosed) return;
    const { api, status } = binding.library;
    if (this.#operation !== 0) api.TFE_DeleteOp(this.#operation);
    this.#operation = 0;
    api.TFE_ContextRemoveFunction(binding.context.address, this.recorded.name, status);
    api.TF_SetStatus(status, 0, '');
  }

  #run(way: Way, leaves: readonly Tensor[], seed: readonly [number, number]): Address[] {
    const { binding } = this.#runtime.backend;
    const { library } = binding;
    const { api, status } = library;
    const { name, inputs, outputs } = this.recorded;
    const text = library.text(name);
    if (this.#operation === 0) {
      this.#operation = api.TFE_NewOp(binding.context.address, text, status);
    } else {
      api.TFE_OpReset(this.#operation, text, 0, status);
    }
    library.check(name);
    if (way === 'xla') api.TFE_OpSetAttrBool(this.#operation, library.text(mustCompile), 1);
    const operation = this.#operation;
    // An operation that fails is deleted.
    this.#operation = 0;
    feed(this.#runtime, operation, inputs, leaves, seed, variable =>
      resourceOf(this.#runtime, variable, this.#written.has(variable))
    );
    const handles = binding.execute(operation, outputs.length, name);
    this.#operation = operation;
    return handles;
  }
}

const mustCompile = '_XlaMustCompile';

/**
 * Runs a function of the context once.
 * @param runtime TensorFlow.
 * @param name The function.
 * @param inputs Where its inputs come from.
 * @param outputs How many outputs it has.
 * @param leaves The arguments' tensors.
 * @param seed What random operations draw from.
 * @returns Handles of its outputs.
 */
export function runOnce(
  runtime: TensorFlow,
  name: string,
  inputs: readonly InputSource[],
  outputs: number,
  leaves: readonly Tensor[],
  seed: readonly [number, number]
): Address[] {
  const { binding } = runtime.backend;
  const { library } = binding;
  const { api, status } = library;
  const operation = api.TFE_NewOp(binding.context.address, library.text(name), status);
  library.check(name);
  feed(runtime, operation, inputs, leaves, seed, variable => resourceOf(runtime, variable, false));
  const handles = binding.execute(operation, outputs, name);
  api.TFE_DeleteOp(operation);
  api.TFE_ContextRemoveFunction(binding.context.address, name, status);
  return handles;
}
