import type { AttributeSetter } from '../runtime/attributes.ts';
import { setAttribute } from '../runtime/attributes.ts';
import type { Address, GraphOutput } from '../runtime/declarations.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import type { Library } from '../runtime/library.ts';
import { encodeOutputs } from '../runtime/outputs.ts';
import { type Attribute, AttributeKind, DataType, longs } from '../runtime/types.ts';

/** An output of an operation in a graph, with what is known of its tensor. */
export interface GraphTensor extends GraphOutput {
  readonly shape: number[];
  readonly dtype: number;
}

/** A TensorFlow graph under construction; it becomes one function. */
export class Graph {
  readonly address: Address;
  /** How many operations it has. */
  size = 0;
  readonly #library: Library;

  /**
   * An empty graph.
   * @param library TensorFlow.
   */
  constructor(library: Library) {
    this.#library = library;
    this.address = library.api.TF_NewGraph();
  }

  /**
   * An input of the function.
   * @param shape Its shape.
   * @param dtype Its data type.
   * @returns Its output.
   */
  placeholder(shape: readonly number[], dtype: number): GraphOutput {
    const { api } = this.#library;
    const operation = this.#begin('Placeholder');
    api.TF_SetAttrType(operation, 'dtype', dtype);
    api.TF_SetAttrShape(operation, 'shape', longs(shape), shape.length);
    return { operation: this.#finish(operation, 'Placeholder'), index: 0 };
  }

  /**
   * A constant.
   * @param handle An eager tensor, whose values are copied.
   * @returns Its output.
   */
  constant(handle: Address): GraphTensor {
    const { api, status } = this.#library;
    const tensor = api.TFE_TensorHandleResolve(handle, status);
    this.#library.check('a constant', 'jit/record');
    const operation = this.#begin('Const');
    api.TF_SetAttrType(operation, 'dtype', api.TFE_TensorHandleDataType(handle));
    api.TF_SetAttrTensor(operation, 'value', tensor, status);
    api.TF_DeleteTensor(tensor);
    this.#library.check('a constant', 'jit/record');
    return this.output(this.#finish(operation, 'Const'), 0, 'Const');
  }

  /**
   * Adds an operation.
   * @param name Its type, such as `MatMul`.
   * @param inputs Its inputs in a flat list, split by the operation's definition.
   * @param attributes Its attributes; those it does not have are left out.
   * @returns The operation.
   * @throws TensorFlowError `jit/record` when it does not fit its inputs.
   */
  operation(
    name: string,
    inputs: readonly GraphOutput[],
    attributes: readonly Attribute[] = []
  ): Address {
    const definition = this.#library.definitions.of(name);
    const operation = this.#begin(name);
    let next = 0;
    for (const input of definition.inputs) {
      if (!input.isList) {
        this.#library.api.TF_AddInput(operation, inputs[next++]!);
        continue;
      }
      const given = attributes.find(attribute => attribute.name === input.lengthAttribute);
      const others = definition.inputs.length - 1;
      const length = given ? Number(given.value) : inputs.length - others;
      this.addList(operation, inputs.slice(next, next + length));
      next += length;
    }
    const setter = graphSetter(this.#library, operation);
    for (const attribute of attributes) {
      if (definition.attributes.has(attribute.name)) setAttribute(this.#library, setter, attribute);
    }
    return this.#finish(operation, name);
  }

  /**
   * A loop without side effects, whose state keeps its shapes.
   * @param state The first state.
   * @param dtypes Its data types.
   * @param condition Name of the function that says whether to go on.
   * @param body Name of the function that makes the next state.
   * @returns The operation, with one output for each tensor of the state.
   */
  loop(
    state: readonly GraphOutput[],
    dtypes: readonly number[],
    condition: string,
    body: string
  ): Address {
    const { api } = this.#library;
    const operation = this.#begin('StatelessWhile');
    this.addList(operation, state);
    api.TF_SetAttrTypeList(operation, 'T', Int32Array.from(dtypes), dtypes.length);
    api.TF_SetAttrFuncName(operation, 'cond', condition, condition.length);
    api.TF_SetAttrFuncName(operation, 'body', body, body.length);
    return this.#finish(operation, 'StatelessWhile');
  }

  /**
   * Adds a list of inputs to an operation being made.
   * @param operation The operation.
   * @param inputs The inputs.
   */
  addList(operation: Address, inputs: readonly GraphOutput[]): void {
    this.#library.api.TF_AddInputList(operation, encodeOutputs(inputs), inputs.length);
  }

  /**
   * A variable of the function: its resource comes as an input.
   * @returns The resource.
   */
  resource(): GraphOutput {
    return this.placeholder([], DataType.resource);
  }

  /**
   * Reads a variable.
   * @param resource Its resource.
   * @param shape Its shape, which the graph cannot know.
   * @param dtype Its data type.
   * @returns Its value at that point.
   */
  read(resource: GraphOutput, shape: readonly number[], dtype: number): GraphTensor {
    const { api, status } = this.#library;
    const attribute = { name: 'dtype', type: AttributeKind.type, value: dtype };
    const operation = this.operation('ReadVariableOp', [resource], [attribute]);
    const output = { operation, index: 0 };
    api.TF_GraphSetTensorShape(this.address, output, longs(shape), shape.length, status);
    return this.output(operation, 0, 'ReadVariableOp');
  }

  /**
   * Writes variables once all else is done, so that a failure leaves every variable as it was.
   * @param writes Resources and new values.
   * @param after Operations that must have run before: reads of the old values, and what makes the result.
   * @returns The operations that write.
   */
  write(
    writes: readonly { resource: GraphOutput; value: GraphTensor }[],
    after: readonly Address[]
  ): Address[] {
    const { api } = this.#library;
    const barrier = this.#begin('NoOp');
    const before = [...after, ...writes.map(({ value }) => value.operation)];
    for (const operation of new Set(before)) api.TF_AddControlInput(barrier, operation);
    const ready = this.#finish(barrier, 'NoOp');
    return writes.map(({ resource, value }) => {
      const operation = this.#begin('AssignVariableOp');
      api.TF_AddInput(operation, resource);
      api.TF_AddInput(operation, value);
      api.TF_AddControlInput(operation, ready);
      api.TF_SetAttrType(operation, 'dtype', value.dtype);
      return this.#finish(operation, 'AssignVariableOp');
    });
  }

  /** Lets this graph call a function. */
  useFunction(compiled: Address): void {
    const { api, status } = this.#library;
    api.TF_GraphCopyFunction(this.address, compiled, 0, status);
    this.#library.check('a function of a graph', 'jit/record');
  }

  /**
   * An output of an operation, whose shape must be known.
   * @param operation The operation.
   * @param index Which output.
   * @param name The operation's type, for the message.
   * @returns The output with its shape and data type.
   * @throws TensorFlowError `jit/record` when the shape depends on values.
   */
  output(operation: Address, index: number, name: string): GraphTensor {
    const { api, status } = this.#library;
    const output = { operation, index };
    const rank = api.TF_GraphGetTensorNumDims(this.address, output, status);
    const sizes = new BigInt64Array(Math.max(rank, 1));
    if (rank > 0) api.TF_GraphGetTensorShape(this.address, output, sizes, rank, status);
    this.#library.check(name, 'jit/record');
    const shape = Array.from(sizes.subarray(0, Math.max(rank, 0)), Number);
    if (rank < 0 || shape.some(size => size < 0)) {
      const found =
        rank < 0 ? 'unknown rank' : `[${shape.map(size => (size < 0 ? '?' : size)).join()}]`;
      throw new TensorFlowError(
        'jit/record',
        `it makes a tensor whose shape depends on values (${found}), which cannot be recorded; call it outside of the function and pass its result in`
      );
    }
    return { ...output, shape, dtype: api.TF_OperationOutputType(output) };
  }

  /**
   * Ends the graph: it becomes a function.
   * @param name Name of the function, unique in the process.
   * @param inputs Its inputs, all of them placeholders.
   * @param outputs Its outputs.
   * @param effects Operations that must run though no output needs them.
   * @returns The function; the caller deletes it.
   */
  toFunction(
    name: string,
    inputs: readonly GraphOutput[],
    outputs: readonly GraphOutput[],
    effects: readonly Address[]
  ): Address {
    const { api, status } = this.#library;
    // An output may be an input or stand twice, which a function cannot have: each gets an operation of its own.
    const results = outputs.map(output => ({
      operation: this.operation('Identity', [output]),
      index: 0
    }));
    const compiled = api.TF_GraphToFunctionWithControlOutputs(
      this.address,
      name,
      0,
      -1,
      0,
      inputs.length,
      encodeOutputs(inputs),
      results.length,
      encodeOutputs(results),
      0,
      effects.length,
      BigUint64Array.from(effects.length > 0 ? effects : [0], BigInt),
      0,
      0,
      '',
      status
    );
    this.#library.check('ending a recording', 'jit/record');
    return compiled;
  }

  /** Frees the graph; functions made of it stay. */
  dispose(): void {
    this.#library.api.TF_DeleteGraph(this.address);
  }

  #begin(name: string): Address {
    return this.#library.api.TF_NewOperation(this.address, name, `${name}_${this.size++}`);
  }

  #finish(operation: Address, name: string): Address {
    const finished = this.#library.api.TF_FinishOperation(operation, this.#library.status);
    this.#library.check(name, 'jit/record');
    return finished;
  }
}

function graphSetter({ api }: Library, operation: Address): AttributeSetter {
  return {
    type: (name, value) => api.TF_SetAttrType(operation, name, value),
    bool: (name, value) => api.TF_SetAttrBool(operation, name, value ? 1 : 0),
    bools: (name, value) => api.TF_SetAttrBoolList(operation, name, value, value.length),
    integer: (name, value) => api.TF_SetAttrInt(operation, name, value),
    integers: (name, value, count) => api.TF_SetAttrIntList(operation, name, value, count),
    float: (name, value) => api.TF_SetAttrFloat(operation, name, value),
    floats: (name, value) => api.TF_SetAttrFloatList(operation, name, value, value.length),
    text: (name, value) => api.TF_SetAttrString(operation, name, value, value.length),
    texts: (name, value, lengths) =>
      api.TF_SetAttrStringList(operation, name, value, lengths, value.length),
    shape: (name, value, rank) => api.TF_SetAttrShape(operation, name, value, rank)
  };
}
