import type { Context } from './context.ts';
import type { Address } from './declarations.ts';
import { EagerOperations } from './eager.ts';
import { TensorFlowError } from './errors.ts';
import { newHandle } from './handles.ts';
import type { Library } from './library.ts';
import { rehearse } from './rehearse.ts';
import { SavedModels } from './saved-models.ts';
import { Scalars } from './scalars.ts';
import { assertNoSymbol, symbolLimit } from './symbols.ts';
import { newTensor, readTensor } from './tensors.ts';
import { type Attribute, AttributeKind, DataType, type TensorMetadata } from './types.ts';

/** Takes the place of TensorFlow while a function is recorded. */
export interface Recorder {
  execute(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number
  ): TensorMetadata[];
  /** Notes a tensor made from values while recording. */
  created(id: Address): void;
  /** Takes over the deletion of a tensor of TensorFlow that the recording still needs; false leaves it to the binding. */
  defersDeletion(id: Address): boolean;
}

class OpAttribute implements Attribute {
  name = '';
  type = 0;
  value = 0;
}

class Metadata implements TensorMetadata {
  id = 0;
  shape: number[] = [];
  dtype = 0;
}

/** What tfjs-node's kernels call, on TensorFlow's C API: it stands where their compiled addon would. */
export class Binding {
  readonly TF_FLOAT = DataType.float32;
  readonly TF_INT32 = DataType.int32;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_STRING = DataType.string;
  readonly TF_RESOURCE = DataType.resource;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_ATTR_STRING = AttributeKind.string;
  readonly TF_ATTR_INT = AttributeKind.integer;
  readonly TF_ATTR_FLOAT = AttributeKind.float;
  readonly TF_ATTR_BOOL = AttributeKind.bool;
  readonly TF_ATTR_TYPE = AttributeKind.type;
  readonly TF_ATTR_SHAPE = AttributeKind.shape;
  readonly TF_ATTR_RESOURCE = 20;
  readonly TF_Version: string;
  readonly TensorMetadata = Metadata;
  readonly TFEOpAttr = OpAttribute;

  readonly library: Library;
  readonly context: Context;
  /** Set while a function is recorded. */
  recorder: Recorder | undefined;
  /** Called with each handle that is deleted; recorded functions that captured it must know. */
  onDelete: (id: Address) => void = () => undefined;

  readonly #savedModels: SavedModels;
  readonly #eager: EagerOperations;
  readonly #scalars: Scalars;
  #tensors = 0;
  #closed = false;
  /** Operations that run on other threads. */
  #busy = 0;

  /**
   * Binds kernels to a context.
   * @param library TensorFlow.
   * @param context Where operations run; the binding owns it.
   */
  constructor(library: Library, context: Context) {
    this.library = library;
    this.context = context;
    this.TF_Version = library.version;
    this.#savedModels = new SavedModels(library);
    this.#eager = new EagerOperations(library, context);
    this.#scalars = new Scalars(library, value =>
      newHandle(
        library,
        context,
        newTensor(library, [], DataType.float32, [value]),
        DataType.float32
      )
    );
  }

  /** Whether tensors are kept on a GPU. */
  isUsingGpuDevice(): boolean {
    return this.context.kind === 'GPU';
  }

  /** How many tensors of TensorFlow are held. */
  getNumOfTensors(): number {
    return this.#tensors;
  }

  /** How many SavedModels are loaded. */
  getNumOfSavedModels(): number {
    return this.#savedModels.count;
  }

  /** Makes a tensor from values. */
  createTensor(shape: number[], dtype: number, values: unknown): number {
    const id = this.createOuter(shape, dtype, values);
    this.recorder?.created(id);
    return id;
  }

  /**
   * Makes a tensor that is no part of the recording under way, if any.
   * @param shape Its shape.
   * @param dtype Its data type.
   * @param values Its values.
   * @returns Its handle.
   */
  createOuter(shape: number[], dtype: number, values: unknown): Address {
    this.#assertOpen();
    const { length, 0: number } = values as ArrayLike<number>;
    if (dtype === DataType.float32 && shape.length === 0 && length === 1) {
      this.#tensors++;
      return this.#scalars.of(number!);
    }
    return this.own(newTensor(this.library, shape, dtype, values), dtype);
  }

  /**
   * Makes a handle of a TF_Tensor, on this context's device.
   * @param tensor The tensor; it is deleted.
   * @param dtype Its data type; integers and strings stay in main memory, as TensorFlow's own kernels expect.
   * @returns The handle.
   */
  own(tensor: Address, dtype: number): Address {
    const handle = newHandle(this.library, this.context, tensor, dtype);
    this.#tensors++;
    return handle;
  }

  /** Frees a tensor. */
  deleteTensor(id: number): void {
    if (id < symbolLimit || this.recorder?.defersDeletion(id) || this.#closed) return;
    this.onDelete(id);
    this.#tensors--;
    this.library.api.TFE_DeleteTensorHandle(id);
  }

  /** Copies a tensor's values; waits until they are computed. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    this.#assertOpen();
    assertNoSymbol(id);
    // tfjs-node declares three kinds of arrays, yet passes 64-bit integers and strings on as well.
    return readTensor(this.library, id) as Float32Array;
  }

  /** Runs an operation by name, or records it. */
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number
  ): TensorMetadata[] {
    this.#assertOpen();
    if (this.recorder) return this.recorder.execute(name, attributes, inputs, outputs);
    return this.executeEagerly(name, attributes, inputs, outputs).map(id => this.describe(id));
  }

  /**
   * Runs an operation by name, also while a function is recorded.
   * @param name Its type.
   * @param attributes Its attributes.
   * @param inputs Handles of its inputs.
   * @param outputs At least as many as it has outputs.
   * @returns Handles of its outputs, now the caller's.
   * @throws TensorFlowError when TensorFlow refuses it, `jit/leaked` for a tensor of a recording.
   */
  executeEagerly(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number
  ): Address[] {
    return this.#counted(this.#eager.run(name, attributes, inputs, outputs));
  }

  /**
   * Runs a prepared operation.
   * @param operation The operation; it is deleted if it fails.
   * @param outputs At least as many as it has outputs.
   * @param name Its name, for the message.
   * @returns Handles of its outputs, now the caller's.
   * @throws TensorFlowError when TensorFlow refuses it.
   */
  execute(operation: Address, outputs: number, name: string): Address[] {
    return this.#counted(this.#eager.execute(operation, outputs, name));
  }

  /**
   * The shape and data type of a tensor.
   * @param id Its handle.
   * @returns The handle with its shape and data type.
   */
  describe(id: Address): TensorMetadata {
    const { api, status } = this.library;
    const rank = api.TFE_TensorHandleNumDims(id, status);
    const shape = new Array<number>(rank);
    for (let axis = 0; axis < rank; axis++) shape[axis] = api.TFE_TensorHandleDim(id, axis, status);
    return { id, shape, dtype: api.TFE_TensorHandleDataType(id) };
  }

  /** Loads a SavedModel; tags are separated by commas. */
  loadSavedModel(folder: string, tags: string): number {
    this.#assertOpen();
    return this.#savedModels.load(folder, tags);
  }

  /** Unloads a SavedModel. */
  deleteSavedModel(id: number): void {
    this.#savedModels.delete(id);
  }

  /** Runs a SavedModel; names are separated by commas. */
  runSavedModel(
    id: number,
    inputs: number[],
    inputNames: string,
    outputNames: string
  ): TensorMetadata[] {
    this.#assertOpen();
    const { api, status } = this.library;
    const tensors = inputs.map(input => api.TFE_TensorHandleResolve(input, status));
    try {
      this.library.check('the inputs of a SavedModel', 'tensorflow/saved-model');
      const names = inputNames === '' ? [] : inputNames.split(',');
      const results = this.#savedModels.run(id, tensors, names, outputNames.split(','));
      return results.map(tensor => this.describe(this.own(tensor, DataType.int32)));
    } finally {
      for (const tensor of tensors) if (tensor !== 0) api.TF_DeleteTensor(tensor);
    }
  }

  /**
   * Runs a prepared operation on another thread and drops what it makes: XLA has compiled it then.
   * @param operation The operation, which is deleted afterwards.
   * @param outputs At least as many as it has outputs.
   * @returns TensorFlow's text when it failed.
   */
  async rehearse(operation: Address, outputs: number): Promise<string | undefined> {
    this.#busy++;
    const failure = await rehearse(this.library, operation, outputs);
    this.#busy--;
    if (this.#closed) this.#deleteContext();
    return failure;
  }

  /** Deletes the context; whatever is called afterwards throws `tensorflow/closed`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deleteContext();
  }

  /** Whether the context is gone. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** The context must outlive what still runs on other threads. */
  #deleteContext(): void {
    if (this.#busy > 0) return;
    this.#eager.close();
    this.#scalars.clear();
    this.library.api.TFE_DeleteContext(this.context.address);
  }

  #counted(handles: Address[]): Address[] {
    this.#tensors += handles.length;
    return handles;
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new TensorFlowError(
        'tensorflow/closed',
        'this TensorFlow was closed; call useTensorFlow() again, its tensors are gone'
      );
    }
  }
}
