import type { backend_util, DataId, DataType as TfjsType, Variable } from '@tensorflow/tfjs';
import type { ValueRecorder } from '../runtime/backend.ts';
import type { Recorder } from '../runtime/binding.ts';
import type { Address } from '../runtime/declarations.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import type { TensorFlow } from '../runtime/start.ts';
import { type Attribute, AttributeKind, DataType, type TensorMetadata } from '../runtime/types.ts';
import { Autocast, type Precision } from './autocast.ts';
import { convolutionProducts } from './convolutions.ts';
import { drawInGraph } from './draw.ts';
import { fillInGraph, uniformValue } from './fill.ts';
import type { GraphMath } from './graph-math.ts';
import { Graph, type GraphTensor } from './graph.ts';
import { GraphInputs, type InputSource } from './graph-inputs.ts';
import type { NumberLog } from './numbers.ts';
import type { RandomWatch } from './random.ts';
import { withoutPreparations } from './small-products.ts';
import { here, type Origin, userLine } from './source-line.ts';
import { SymbolTable } from './symbol-table.ts';

/** A variable's new value. */
export interface Write {
  readonly variable: Variable;
  /** The value's symbol. */
  readonly value: number;
}

/** One recording: takes the place of TensorFlow and of values while the user's function runs once. */
export class Recording implements Recorder, ValueRecorder, GraphMath {
  readonly graph: Graph;
  readonly inputs: GraphInputs;
  readonly #runtime: TensorFlow;
  readonly #random: RandomWatch;
  readonly #autocast: Autocast | undefined;
  readonly #symbols: SymbolTable;
  /** Data of tensors made from values while recording. */
  readonly #createdData = new WeakSet<DataId>();
  /** Where each type of operation was first used, for messages that come later. */
  readonly #firstUse = new Map<string, Origin>();
  /** How many products its convolutions sum up. */
  convolutionProducts = 0;
  /** Set while numbers are to come with each call. */
  numbers: NumberLog | undefined;
  #seed: number | undefined;
  #draws = 0;

  /**
   * Starts an empty recording.
   * @param runtime TensorFlow.
   * @param random Tells random tensors from others.
   * @param precision Lower precision for products of matrices and convolutions, if any.
   */
  constructor(runtime: TensorFlow, random: RandomWatch, precision?: Precision) {
    this.#runtime = runtime;
    this.#random = random;
    const { binding } = runtime.backend;
    this.graph = new Graph(binding.library);
    this.inputs = new GraphInputs(this.graph);
    this.#symbols = new SymbolTable(binding, this.graph, this.inputs);
    this.#autocast = precision ? new Autocast(precision, this) : undefined;
  }

  /**
   * A tensor whose value comes with each call.
   * @param source Where from.
   * @param shape Its shape.
   * @param dtype Its data type.
   * @returns Its symbol.
   */
  input(source: InputSource, shape: number[], dtype: number): TensorMetadata {
    return this.#symbols.input(source, shape, dtype);
  }

  /**
   * A tensor that an operation of the graph makes.
   * @param output The operation's output.
   * @param name The operation's type.
   * @returns Its symbol.
   */
  made(output: GraphTensor, name: string): TensorMetadata {
    return this.#symbols.made(output, name, here());
  }

  /**
   * The graph's output behind a tensor; an input or constant joins the graph now.
   * @param id A symbol, or a handle of an eager tensor.
   * @returns The output.
   */
  resolve(id: number): GraphTensor {
    return this.#symbols.resolve(id);
  }

  /**
   * The inputs that joined the graph after the first ones.
   * @param first How many to leave out.
   * @returns Their symbols.
   */
  outsideSince(first: number): TensorMetadata[] {
    return this.inputs.outputs.slice(first).map(output => this.made(output, 'an input'));
  }

  /** Records an operation that a kernel runs. */
  execute(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number
  ): TensorMetadata[] {
    const results =
      name === 'Multinomial'
        ? this.#multinomial(attributes, inputs)
        : (this.#autocast?.execute(name, attributes, inputs, outputs) ??
          this.operation(name, attributes, inputs, outputs));
    this.numbers?.executed(name, attributes, results);
    return results;
  }

  /** Adds an operation to the graph as it stands. */
  operation(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number
  ): TensorMetadata[] {
    const origin = here();
    if (!this.#firstUse.has(name)) this.#firstUse.set(name, origin);
    try {
      const given = inputs.map(id => this.resolve(id));
      const asked = { name, attributes };
      const isOnGpu = this.#runtime.backend.binding.isUsingGpuDevice();
      const recorded = isOnGpu ? asked : withoutPreparations(asked, given);
      const operation = this.graph.operation(recorded.name, given, recorded.attributes);
      const results = Array.from({ length: outputs }, (_, i) =>
        this.#symbols.made(this.graph.output(operation, i, name), name, origin)
      );
      if (outputs === 1) this.convolutionProducts += convolutionProducts(name, given, results[0]!);
      return results;
    } catch (error) {
      if (!(error instanceof TensorFlowError)) throw error;
      const text = `${name}: ${readable(error.message)}${userLine(origin)}`;
      throw new TensorFlowError(error.code === 'jit/leaked' ? error.code : 'jit/record', text, {
        cause: error
      });
    }
  }

  /** A constant of the graph. */
  constant(values: Float32Array | Int32Array, shape: number[]): number {
    const { binding } = this.#runtime.backend;
    const dtype = values instanceof Int32Array ? DataType.int32 : DataType.float32;
    const handle = binding.createTensor(shape, dtype, values);
    this.#symbols.defer(handle);
    return handle;
  }

  /** A seed that differs from draw to draw and from call to call. */
  seed(): number {
    this.#seed ??= this.input({ kind: 'seed' }, [2], DataType.int32).id;
    // Far apart, so that no two draws of one call share a seed with the next call's.
    const offset = this.constant(Int32Array.of(this.#draws++ * 7919, 0), [2]);
    const type = { name: 'T', type: AttributeKind.type, value: DataType.int32 };
    return this.operation('AddV2', [type], [this.#seed, offset], 1)[0]!.id;
  }

  /**
   * Draws from a seed that is at hand, rather than from one that comes with each call.
   * @param id Two int32 numbers.
   */
  seedFrom(id: number): void {
    this.#seed = id;
  }

  /** Notes a tensor made from values: it becomes a constant. */
  created(id: Address): void {
    this.#symbols.created(id);
  }

  /** Keeps a tensor that was disposed of while the graph may still need it. */
  defersDeletion(id: Address): boolean {
    return this.#symbols.defersDeletion(id);
  }

  /** Takes over random tensors, and numbers that come with each call; any other stays as it is. */
  written(
    dataId: DataId,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: TfjsType
  ): TensorMetadata | undefined {
    const distribution = this.#random.take(dtype);
    if (distribution) return drawInGraph(this, distribution, shape, dtype);
    const fed = this.numbers?.written(values, shape, dtype);
    if (fed) return fed;
    // Gradients multiply by tensors of ones: XLA needs no memory for those it can make itself.
    const value = uniformValue(values);
    if (value !== undefined) return fillInGraph(this, shape, DataType[dtype], value);
    this.#createdData.add(dataId);
    return undefined;
  }

  /** Whether the function itself made a tensor from values. */
  isOwn(dataId: DataId): boolean {
    return this.#createdData.has(dataId);
  }

  /** What a function takes from outside becomes a part of it. */
  needsValues(): boolean {
    return true;
  }

  /** Why a value may not be read: only what the function made itself is known. */
  refuseRead(dataId: DataId, id: number): Error | undefined {
    if (this.isOwn(dataId)) return undefined;
    const symbol = this.#symbols.of(id);
    const what = symbol
      ? `the value of ${symbol.name} [${symbol.shape.join()}]${userLine(symbol.origin)}`
      : 'the value of a tensor from outside of the function';
    return new TensorFlowError(
      'jit/read',
      `${what} was read${userLine(here())} while jit recorded the function: it does not exist yet, and a branch on it would be frozen; use tf.where, return the tensor and read it outside, or pass it as a plain number`
    );
  }

  /**
   * Where a type of operation was first used.
   * @param name The operation's type.
   * @returns ` at file:line`, or nothing.
   */
  lineOf(name: string): string {
    const origin = this.#firstUse.get(name);
    return origin ? userLine(origin) : '';
  }

  /**
   * Ends the recording: its graph becomes a function the context can run.
   * @param name Name of the function.
   * @param outputs What it returns, as symbols or handles.
   * @param writes What it leaves in variables.
   * @returns The function; the caller deletes it once no other graph needs it.
   */
  finish(name: string, outputs: readonly number[], writes: readonly Write[] = []): Address {
    const { library, context } = this.#runtime.backend.binding;
    const results = outputs.map(id => this.resolve(id));
    const assigned = writes.map(({ variable, value }) => ({
      resource: this.inputs.resourceOf(variable),
      value: this.resolve(value)
    }));
    const before = [...this.inputs.reads, ...results.map(({ operation }) => operation)];
    const effects = assigned.length > 0 ? this.graph.write(assigned, before) : [];
    const compiled = this.graph.toFunction(name, this.inputs.outputs, results, effects);
    library.api.TFE_ContextAddFunction(context.address, compiled, library.status);
    library.check('adding a recorded function', 'jit/record');
    return compiled;
  }

  /** Frees the graph, and deletes what was disposed of while recording. The recorder must be unset before. */
  dispose(): void {
    this.graph.dispose();
    this.#symbols.dispose();
  }

  #multinomial(attributes: readonly Attribute[], inputs: readonly number[]): TensorMetadata[] {
    const type = attributes.find(({ name }) => name === 'T')!;
    const outputType = { name: 'output_dtype', type: AttributeKind.type, value: DataType.int32 };
    const seeded = [...inputs, this.seed()];
    return this.operation('StatelessMultinomial', [type, outputType], seeded, 1);
  }
}

/** TensorFlow's text without the names that only its graph knows. */
function readable(message: string): string {
  return message.replace(/; NodeDef:.*/s, '').replace(/ for '\{\{node .*?\)'/s, '');
}
