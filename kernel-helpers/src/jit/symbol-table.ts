import type { Binding } from '../runtime/binding.ts';
import type { Address } from '../runtime/declarations.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import { symbolLimit } from '../runtime/symbols.ts';
import type { TensorMetadata } from '../runtime/types.ts';
import type { GraphInputs, InputSource } from './graph-inputs.ts';
import type { Graph, GraphTensor } from './graph.ts';
import { here, type Origin, userLine } from './source-line.ts';

/** A tensor of a recording. An input joins the graph at its first use, so unused variables cost nothing. */
interface Symbol {
  readonly shape: number[];
  readonly dtype: number;
  /** The operation that made it, or where it comes from. */
  readonly name: string;
  readonly origin: Origin;
  readonly source?: InputSource;
  output?: GraphTensor;
}

let nextSymbol = 0;

/** The tensors of one recording, and the eager tensors that became a part of it. */
export class SymbolTable {
  readonly #binding: Binding;
  readonly #graph: Graph;
  readonly #inputs: GraphInputs;
  readonly #symbols = new Map<number, Symbol>();
  /** Tensors made from values while recording: they become constants. */
  readonly #created = new Map<Address, number | undefined>();
  /** Tensors made before the recording: they become inputs. */
  readonly #captured = new Map<Address, number>();
  readonly #deferred = new Set<Address>();

  /**
   * No tensors yet.
   * @param binding Holds the eager tensors.
   * @param graph What the tensors are in.
   * @param inputs The graph's inputs.
   */
  constructor(binding: Binding, graph: Graph, inputs: GraphInputs) {
    [this.#binding, this.#graph, this.#inputs] = [binding, graph, inputs];
  }

  /**
   * Takes up a tensor whose value comes with each call.
   * @param source Where from.
   * @param shape Its shape.
   * @param dtype Its data type.
   * @returns Its symbol.
   */
  input(source: InputSource, shape: number[], dtype: number): TensorMetadata {
    const name = source.kind === 'variable' ? `the variable ${source.variable.name}` : source.kind;
    return this.#add({ shape, dtype, name, origin: here(), source });
  }

  /**
   * Takes up a tensor that an operation of the graph makes.
   * @param output The operation's output.
   * @param name The operation's type.
   * @param origin Where it was used.
   * @returns Its symbol.
   */
  made(output: GraphTensor, name: string, origin: Origin): TensorMetadata {
    const { shape, dtype } = output;
    return this.#add({ shape, dtype, name, origin, output });
  }

  /**
   * What a symbol stands for, and where it comes from.
   * @param id The symbol.
   * @returns Its name, shape and origin, if it is of this recording.
   */
  of(id: number): Pick<Symbol, 'name' | 'shape' | 'origin'> | undefined {
    return this.#symbols.get(id);
  }

  /**
   * The graph's output behind a tensor; an input or constant joins the graph now.
   * @param id A symbol, or a handle of an eager tensor.
   * @returns The output.
   * @throws TensorFlowError `jit/leaked` for a tensor of another recording.
   */
  resolve(id: number): GraphTensor {
    if (id >= symbolLimit) return this.resolve(this.#symbolOf(id));
    const symbol = this.#symbols.get(id);
    if (!symbol) {
      throw new TensorFlowError(
        'jit/leaked',
        `a tensor of another recording is used${userLine(here())}; return it from the function that makes it`
      );
    }
    symbol.output ??= this.#inputs.take(symbol.source!, symbol.shape, symbol.dtype);
    return symbol.output;
  }

  /**
   * Notes a tensor made from values: it becomes a constant.
   * @param handle Its handle.
   */
  created(handle: Address): void {
    this.#created.set(handle, undefined);
  }

  /**
   * Deletes an eager tensor with this table.
   * @param handle Its handle.
   */
  defer(handle: Address): void {
    this.#deferred.add(handle);
  }

  /**
   * Keeps a tensor that was disposed of while the graph may still need it.
   * @param handle Its handle.
   * @returns Whether it is kept.
   */
  defersDeletion(handle: Address): boolean {
    if (!this.#created.has(handle) && !this.#captured.has(handle)) return false;
    this.defer(handle);
    return true;
  }

  /** Deletes the eager tensors that were disposed of meanwhile. */
  dispose(): void {
    for (const handle of this.#deferred) this.#binding.deleteTensor(handle);
    this.#deferred.clear();
  }

  #add(symbol: Symbol): TensorMetadata {
    const id = nextSymbol++;
    if (nextSymbol >= symbolLimit) nextSymbol = 0;
    this.#symbols.set(id, symbol);
    return { id, shape: symbol.shape, dtype: symbol.dtype };
  }

  #symbolOf(handle: Address): number {
    if (this.#created.has(handle)) {
      const known = this.#created.get(handle);
      if (known !== undefined) return known;
      const { id } = this.made(this.#graph.constant(handle), 'a constant', here());
      this.#created.set(handle, id);
      return id;
    }
    const known = this.#captured.get(handle);
    if (known !== undefined) return known;
    const { shape, dtype } = this.#binding.describe(handle);
    const { id } = this.input({ kind: 'captured', handle }, shape, dtype);
    this.#captured.set(handle, id);
    return id;
  }
}
