import { type Attribute, AttributeKind, DataType, sizeOf } from '../runtime/types.ts';
import type { GraphTensor } from './graph.ts';

/** An operation as it is recorded. */
export interface RecordedOperation {
  name: string;
  attributes: readonly Attribute[];
}

/** Below so many multiplications oneDNN's preparations take longer than the product itself. */
const few = 2 ** 22;

/**
 * Keeps small products of matrices from oneDNN, which makes a step of an LSTM take twice as long: TensorFlow's rewriter for it
 * knows the second version of the operation, not the third, which computes the same.
 * @param operation As it was asked for.
 * @param inputs Its inputs.
 * @returns The operation to record.
 */
export function withoutPreparations(
  operation: RecordedOperation,
  [left, right]: readonly Pick<GraphTensor, 'shape' | 'dtype'>[]
): RecordedOperation {
  if (operation.name !== 'BatchMatMulV2' || left?.dtype !== DataType.float32) return operation;
  const isTransposed = operation.attributes.some(({ name, value }) => name === 'adj_y' && value);
  const columns = right!.shape.at(isTransposed ? -2 : -1)!;
  if (sizeOf(left.shape) * columns >= few) return operation;
  const types = ['Ta', 'Tb', 'Tout'].map(name => ({
    name,
    type: AttributeKind.type,
    value: DataType.float32
  }));
  const rest = operation.attributes.filter(({ name }) => name !== 'T');
  return { name: 'BatchMatMulV3', attributes: [...types, ...rest] };
}
