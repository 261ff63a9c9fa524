import type { Tensor } from '@tensorflow/tfjs';
import type { Address } from '../runtime/declarations.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import type { TensorFlow } from '../runtime/start.ts';
import { DataType } from '../runtime/types.ts';
import type { Recorded } from './record.ts';
import type { InputSource } from './recording.ts';
import { unflatten } from './structure.ts';

/** How a recorded function runs: compiled by XLA, as a plain TensorFlow function, or plainly while XLA compiles on another thread. */
export type Mode = 'xla' | 'plain' | 'compiling';

/** What became of one recording. */
export interface CompileReport {
  /** Name of the function in TensorFlow. */
  readonly name: string;
  /** Shapes, data types and plain values it was recorded for. */
  readonly signature: string;
  readonly mode: Mode;
  /** Why it is not compiled, if it should have been. */
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
  readonly #runtime: TensorFlow;
  readonly #recordedAt = new Date().toISOString();
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
    const started = this.#calls++ === 0 ? performance.now() : 0;
    const handles = this.#run(leaves, seed);
    if (started > 0) this.#firstRunMs = performance.now() - started;
    const { outputs, structure, written } = this.recorded;
    const { backend } = this.#runtime;
    const results = outputs.length - written.length;
    for (let i = 0; i < written.length; i++) this.#write(i, handles[results + i]!);
    return unflatten(structure, i => backend.wrap({ id: handles[i]!, ...outputs[i]! }));
  }

  /**
   * Compiles on another thread while calls run plainly, then switches.
   * @param leaves Tensors of the arguments' shapes.
   * @param seed What random operations draw from.
   * @returns TensorFlow's text when XLA cannot compile it; it stays plain then.
   */
  async compile(
    leaves: readonly Tensor[],
    seed: readonly [number, number]
  ): Promise<string | undefined> {
    const { binding } = this.#runtime.backend;
    const { library } = binding;
    const text = library.text(this.recorded.name);
    const operation = library.api.TFE_NewOp(binding.context.address, text, library.status);
    library.check(this.recorded.name);
    library.api.TFE_OpSetAttrBool(operation, library.text(mustCompile), 1);
    feed(this.#runtime, operation, this.recorded.inputs, leaves, seed);
    const failure = await binding.rehearse(operation, this.recorded.outputs.length);
    if (failure === undefined) this.mode = 'xla';
    else this.fallBack(failure);
    return failure;
  }

  /**
   * Gives up XLA for this function.
   * @param note Why.
   */
  fallBack(note: string): void {
    this.mode = 'plain';
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

  #run(leaves: readonly Tensor[], seed: readonly [number, number]): Address[] {
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
    if (this.mode === 'xla') api.TFE_OpSetAttrBool(this.#operation, library.text(mustCompile), 1);
    const operation = this.#operation;
    // An operation that fails is deleted.
    this.#operation = 0;
    feed(this.#runtime, operation, inputs, leaves, seed);
    const handles = binding.execute(operation, outputs.length, name);
    this.#operation = operation;
    return handles;
  }

  /** The variable takes over the handle; only one that shares its data with a clone needs new data. */
  #write(index: number, id: Address): void {
    const { backend } = this.#runtime;
    const { outputs, written } = this.recorded;
    const variable = written[index]!;
    const data = backend.dataOf(variable.dataId);
    if (data.refCount === 1) {
      backend.binding.deleteTensor(data.id);
      data.id = id;
      data.values = null;
      return;
    }
    const value = backend.wrap({ id, ...outputs[outputs.length - written.length + index]! });
    variable.assign(value);
    value.dispose();
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
  feed(runtime, operation, inputs, leaves, seed);
  const handles = binding.execute(operation, outputs, name);
  api.TFE_DeleteOp(operation);
  api.TFE_ContextRemoveFunction(binding.context.address, name, status);
  return handles;
}

function feed(
  runtime: TensorFlow,
  operation: Address,
  inputs: readonly InputSource[],
  leaves: readonly Tensor[],
  seed: readonly [number, number]
): void {
  const { backend } = runtime;
  const { api, status } = backend.binding.library;
  for (const input of inputs) {
    if (input.kind === 'seed') {
      const id = backend.binding.createTensor([2], DataType.int32, Int32Array.from(seed));
      api.TFE_OpAddInput(operation, id, status);
      backend.binding.deleteTensor(id);
    } else {
      api.TFE_OpAddInput(operation, handleOf(runtime, input, leaves), status);
    }
  }
  backend.binding.library.check('the inputs of a recorded function');
}

function handleOf(
  { backend }: TensorFlow,
  input: Exclude<InputSource, { kind: 'seed' }>,
  leaves: readonly Tensor[]
): Address {
  if (input.kind === 'captured') return input.handle;
  if (input.kind === 'argument') return backend.idOf(leaves[input.index]!);
  if (!input.variable.isDisposed) return backend.idOf(input.variable);
  throw new TensorFlowError(
    'jit/disposed',
    `the variable ${input.variable.name} that the function uses was disposed of; make a new jit function for the new variable`
  );
}
