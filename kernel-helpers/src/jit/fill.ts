import type { backend_util } from '@tensorflow/tfjs';
import { AttributeKind, DataType, type TensorMetadata } from '../runtime/types.ts';
import type { GraphMath } from './graph-math.ts';

/**
 * A tensor of one value, made inside a graph.
 * @param math The recording.
 * @param shape Its shape.
 * @param dtype Its data type.
 * @param value The value.
 * @returns Its symbol.
 */
export function fillInGraph(
  math: GraphMath,
  shape: readonly number[],
  dtype: number,
  value: number
): TensorMetadata {
  const sizes = math.constant(Int32Array.from(shape), [shape.length]);
  const single = math.operation(
    'Cast',
    [
      { name: 'SrcT', type: AttributeKind.type, value: DataType.float32 },
      { name: 'DstT', type: AttributeKind.type, value: dtype }
    ],
    [math.constant(Float32Array.of(value), [])],
    1
  )[0]!;
  const attributes = [
    { name: 'T', type: AttributeKind.type, value: dtype },
    { name: 'index_type', type: AttributeKind.type, value: DataType.int32 }
  ];
  return math.operation('Fill', attributes, [sizes, single.id], 1)[0]!;
}

/** Elements from which a tensor of one value is filled rather than stored. */
const leastFilled = 64;

/**
 * The one value of a tensor worth filling.
 * @param values The tensor's values.
 * @returns The value; undefined when they differ, or are too few to matter.
 */
export function uniformValue(values: backend_util.BackendValues): number | undefined {
  const [first] = values;
  if (values.length < leastFilled || typeof first !== 'number' || Math.fround(first) !== first) {
    return undefined;
  }
  return (values as Float32Array).every(value => value === first) ? first : undefined;
}
