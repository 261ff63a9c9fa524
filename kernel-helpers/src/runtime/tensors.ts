import type { Address } from './declarations.ts';
import { TensorFlowError } from './errors.ts';
import type { Library } from './library.ts';
import { DataType, elementBytes, longs, sizeOf } from './types.ts';

/** What a tensor holds in JavaScript. */
export type Values =
  Float32Array | Int32Array | Uint8Array | Uint16Array | BigInt64Array | Uint8Array[];

/**
 * Makes a TF_Tensor.
 * @param library TensorFlow.
 * @param shape Sizes of the axes.
 * @param dtype One of `DataType`.
 * @param values One value an element; strings as text or bytes.
 * @returns Its address; the caller deletes it.
 * @throws TensorFlowError `tensorflow/input` when the values do not fill the shape, `tensorflow/memory` without memory for them.
 */
export function newTensor(
  library: Library,
  shape: readonly number[],
  dtype: number,
  values: unknown
): Address {
  if (dtype === DataType.string)
    return newStrings(library, shape, values as (string | Uint8Array)[]);
  const array = toTyped(dtype, values, sizeOf(shape));
  const bytes = (elementBytes[dtype] ?? 0) * sizeOf(shape);
  if (array.byteLength !== bytes) {
    throw new TensorFlowError(
      'tensorflow/input',
      `expected ${bytes} bytes for a tensor of shape [${String(shape)}], got ${array.byteLength}`
    );
  }
  const tensor = allocate(library, shape, dtype, bytes);
  if (bytes > 0) library.copyTo(library.api.TF_TensorData(tensor), array, bytes);
  return tensor;
}

/**
 * Copies a tensor's values into JavaScript.
 * @param library TensorFlow.
 * @param handle The tensor's handle.
 * @returns Its values; each string as bytes.
 * @throws TensorFlowError `tensorflow/input` for a data type that JavaScript has no array for.
 */
export function readTensor(library: Library, handle: Address): Values {
  const { api } = library;
  const tensor = api.TFE_TensorHandleResolve(handle, library.status);
  library.check('reading a tensor');
  try {
    const bytes = api.TF_TensorByteSize(tensor);
    const dtype = api.TFE_TensorHandleDataType(handle);
    if (dtype === DataType.string) return readStrings(library, tensor, bytes / 24);
    const values = emptyArray(dtype, bytes);
    if (bytes > 0) library.copyFrom(values, api.TF_TensorData(tensor), bytes);
    return values;
  } finally {
    api.TF_DeleteTensor(tensor);
  }
}

function allocate(
  library: Library,
  shape: readonly number[],
  dtype: number,
  bytes: number
): Address {
  const tensor = library.api.TF_AllocateTensor(dtype, longs(shape), shape.length, bytes);
  if (tensor !== 0 && (bytes === 0 || library.api.TF_TensorData(tensor) !== 0)) return tensor;
  if (tensor !== 0) library.api.TF_DeleteTensor(tensor);
  throw new TensorFlowError(
    'tensorflow/memory',
    `no memory for a tensor of shape [${String(shape)}], ${bytes} bytes; dispose of tensors or use a smaller batch`
  );
}

function toTyped(dtype: number, values: unknown, size: number): ArrayBufferView {
  if (dtype === DataType.int64 && values instanceof Int32Array) {
    // tfjs-node writes a 64-bit integer as two halves, the low one first.
    return values.length === 2 * size ? values : BigInt64Array.from(values, BigInt);
  }
  if (ArrayBuffer.isView(values)) return values;
  const list = values as ArrayLike<number>;
  if (dtype === DataType.float32 || dtype === DataType.complex64) return Float32Array.from(list);
  return dtype === DataType.int32 ? Int32Array.from(list) : Uint8Array.from(list);
}

function emptyArray(dtype: number, bytes: number): Exclude<Values, Uint8Array[]> {
  if (dtype === DataType.float32 || dtype === DataType.complex64)
    return new Float32Array(bytes / 4);
  if (dtype === DataType.int32) return new Int32Array(bytes / 4);
  if (dtype === DataType.float16) return new Uint16Array(bytes / 2);
  if (dtype === DataType.int64) return new BigInt64Array(bytes / 8);
  if (dtype === DataType.bool || dtype === DataType.uint8) return new Uint8Array(bytes);
  throw new TensorFlowError(
    'tensorflow/input',
    `expected a tensor of float32, int32, int64, uint8, bool, complex64 or string, got TensorFlow's type ${dtype}; cast it first`
  );
}

function newStrings(
  library: Library,
  shape: readonly number[],
  values: (string | Uint8Array)[]
): Address {
  const { api } = library;
  const tensor = allocate(library, shape, DataType.string, 24 * values.length);
  const data = api.TF_TensorData(tensor);
  values.forEach((value, i) => {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    api.TF_StringInit(data + 24 * i);
    api.TF_StringCopy(data + 24 * i, bytes, bytes.length);
  });
  return tensor;
}

function readStrings(library: Library, tensor: Address, count: number): Uint8Array[] {
  const { api } = library;
  const data = api.TF_TensorData(tensor);
  return Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(api.TF_StringGetSize(data + 24 * i));
    if (bytes.length > 0) {
      library.copyFrom(bytes, api.TF_StringGetDataPointer(data + 24 * i), bytes.length);
    }
    return bytes;
  });
}
