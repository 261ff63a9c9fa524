/** TensorFlow's numbers of data types. */
export const DataType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  float16: 19,
  resource: 20
} as const;

/** Bytes of one element, by data type. A string is a TF_TString of 24 bytes. */
export const elementBytes: Readonly<Record<number, number>> = {
  1: 4,
  2: 8,
  3: 4,
  4: 1,
  7: 24,
  8: 8,
  9: 8,
  10: 1,
  14: 2,
  19: 2
};

/** tfjs-node's numbers of the kinds of attributes. */
export const AttributeKind = {
  string: 0,
  integer: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5
} as const;

/** An attribute of an operation, as tfjs-node's kernels give it. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** A tensor TensorFlow holds: its handle, shape and data type. */
export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/**
 * A shape as C takes it.
 * @param shape Sizes of the axes.
 * @returns Its sizes as 64-bit integers; never empty, so that its memory has an address.
 */
export function longs(shape: ArrayLike<number>): BigInt64Array {
  const list = new BigInt64Array(Math.max(1, shape.length));
  for (let i = 0; i < shape.length; i++) list[i] = BigInt(shape[i] as number);
  return list;
}

/**
 * How many elements a shape has.
 * @param shape Sizes of the axes.
 * @returns Their product; 1 for a scalar.
 */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}
