import type { Attribute, TensorMetadata } from '../runtime/types.ts';
import type { GraphTensor } from './graph.ts';

/** What helpers of a recording build with. */
export interface GraphMath {
  /** Adds an operation as it stands. */
  operation(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number
  ): TensorMetadata[];
  /** A constant tensor. */
  constant(values: Float32Array | Int32Array, shape: number[]): number;
  /** A seed that differs from draw to draw and from call to call. */
  seed(): number;
  resolve(id: number): GraphTensor;
}
