import type {
  backend_util,
  DataId,
  DataType as TfjsType,
  Tensor,
  TensorInfo
} from '@tensorflow/tfjs';
import { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js';
import type { Binding } from './binding.ts';
import type { Address } from './declarations.ts';
import { TensorFlowError } from './errors.ts';
import { Residents } from './residents.ts';
import type { TensorMetadata } from './types.ts';

/** What tfjs-node's backend knows of a tensor; `values` wait to be written until an operation needs them. */
export interface TensorData {
  shape: number[];
  dtype: number;
  id: number;
  values: unknown;
  refCount: number;
  /** Where the value lies once a recorded function has used the variable; it is this data's alone. */
  resource?: Address;
}

/** The parts of tfjs-node's backend that its types call private. */
interface Internals {
  tensorMap: {
    has(id: DataId): boolean;
    get(id: DataId): TensorData;
    set(id: DataId, data: TensorData): void;
  };
  createOutputTensor(metadata: TensorMetadata): Tensor;
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
}

/** Watches values go in and out while a function is recorded. */
export interface ValueRecorder {
  /** Takes over a tensor made from values; undefined leaves it as it is. */
  written(
    dataId: DataId,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: TfjsType
  ): TensorMetadata | undefined;
  /** Whether a tensor was made from values by the function itself. */
  isOwn(dataId: DataId): boolean;
  /** Whether operations use what their inputs hold. */
  needsValues(): boolean;
  /** Why a value may not be read; undefined where it may. */
  refuseRead(dataId: DataId, id: number): Error | undefined;
}

/** tfjs-node's backend on TensorFlow's C API. */
export class TensorFlowBackend extends NodeJSKernelBackend {
  declare readonly binding: Binding;
  /** Set while a function is recorded. */
  recorder: ValueRecorder | undefined;
  /** Values of variables that recorded functions write. */
  readonly residents: Residents;

  /**
   * A backend to register with TensorFlow.js.
   * @param binding What runs the operations.
   */
  constructor(binding: Binding) {
    super(binding, 'joulebook');
    this.residents = new Residents(binding);
    const idsOf = this.#internals.getInputTensorIds.bind(this);
    this.#internals.getInputTensorIds = tensors => {
      for (const tensor of tensors) this.#prepare(tensor);
      return idsOf(tensors);
    };
  }

  /** Takes in values; they wait until an operation needs them. */
  override write(values: backend_util.BackendValues, shape: number[], dtype: TfjsType): DataId {
    const id = super.write(values, shape, dtype);
    const taken = this.recorder?.written(id, values, shape, dtype);
    if (taken) this.#internals.tensorMap.set(id, { ...taken, values: null, refCount: 1 });
    return id;
  }

  /** Gives values out, unless a recording refuses. */
  override readSync(dataId: DataId): backend_util.BackendValues {
    const refusal = this.recorder?.refuseRead(dataId, this.dataOf(dataId).id);
    if (refusal) throw refusal;
    this.residents.read(this.dataOf(dataId));
    return super.readSync(dataId);
  }

  /** Frees a value once nobody uses it. */
  override disposeData(dataId: DataId, force = false): boolean {
    const resource = this.#internals.tensorMap.has(dataId)
      ? this.dataOf(dataId).resource
      : undefined;
    const isGone = super.disposeData(dataId, force);
    if (isGone && resource !== undefined) this.residents.release(resource);
    return isGone;
  }

  /**
   * The handle of a tensor, whose values are written now if they waited.
   * @param tensor A tensor of this backend.
   * @returns Its handle, or its symbol while recording.
   */
  idOf(tensor: TensorInfo): number {
    return this.#internals.getInputTensorIds([tensor])[0]!;
  }

  /**
   * What this backend holds of a tensor.
   * @param dataId Its data.
   * @returns The live entry: changing it changes the tensor.
   */
  dataOf(dataId: DataId): TensorData {
    return this.#internals.tensorMap.get(dataId);
  }

  /**
   * Makes a tensor of a handle.
   * @param metadata The handle, now owned by the tensor.
   * @returns The tensor.
   */
  wrap(metadata: TensorMetadata): Tensor {
    return this.#internals.createOutputTensor(metadata);
  }

  /**
   * Makes a tensor of values inside a kernel.
   * @param values Its values.
   * @param shape Its shape.
   * @param dtype Its data type.
   * @returns What a kernel returns.
   */
  makeInfo(values: backend_util.BackendValues, shape: number[], dtype: TfjsType): TensorInfo {
    return { dataId: this.write(values, shape, dtype), shape, dtype };
  }

  /** Sees to it that an input has a handle. */
  #prepare(tensor: TensorInfo): void {
    const { dataId } = tensor;
    // 64-bit integers of tfjs-node are no tensors and have no data.
    if (!dataId) return;
    // A clone may keep the data of a tensor that was disposed of.
    const isGone = !this.#internals.tensorMap.has(dataId);
    if (isGone && (tensor as Partial<Tensor>).isDisposed) throw disposed(tensor);
    const data = this.dataOf(dataId);
    if (this.recorder) this.#writeOuter(this.recorder, dataId, data);
    if (this.recorder?.needsValues() ?? true) this.residents.read(data);
  }

  /** A tensor from before the recording whose values still wait is no constant of the function: it is written as if nothing was recorded. */
  #writeOuter(recorder: ValueRecorder, dataId: DataId, data: TensorData): void {
    if (data.values === null || recorder.isOwn(dataId)) return;
    data.id = this.binding.createOuter(data.shape, data.dtype, data.values);
    data.values = null;
  }

  get #internals(): Internals {
    return this as unknown as Internals;
  }
}

function disposed({ shape, dtype }: TensorInfo): TensorFlowError {
  return new TensorFlowError(
    'tensorflow/disposed',
    `expected tensors that live, got one of ${dtype} [${String(shape)}] that was disposed of; keep it with tf.keep, or return it from tf.tidy`
  );
}
