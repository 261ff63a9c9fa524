import type { DataType as TfjsType } from '@tensorflow/tfjs';
import { type Attribute, AttributeKind, DataType, type TensorMetadata } from '../runtime/types.ts';
import type { GraphMath } from './graph-math.ts';
import type { Distribution } from './random.ts';

const generators = {
  uniform: 'StatelessRandomUniform',
  normal: 'StatelessRandomNormal',
  truncated: 'StatelessTruncatedNormal'
};

/**
 * Draws a random tensor inside a graph.
 * @param math The recording.
 * @param distribution What to draw from.
 * @param shape Its shape.
 * @param dtype Its data type; integers are rounded as TensorFlow.js rounds them: uniform ones down to zero, normal ones to the nearest.
 * @returns The tensor.
 */
export function drawInGraph(
  math: GraphMath,
  distribution: Distribution,
  shape: readonly number[],
  dtype: TfjsType
): TensorMetadata {
  const sizes = math.constant(Int32Array.from(shape), [shape.length]);
  const drawn = math.operation(
    generators[distribution.kind],
    [typed('T', DataType.int32), typed('Tseed', DataType.int32), typed('dtype', DataType.float32)],
    [sizes, math.seed()],
    1
  )[0]!;
  const uniform = distribution.kind === 'uniform';
  const [scale, offset] = uniform
    ? [distribution.range, distribution.from]
    : [distribution.deviation, distribution.mean];
  const values = shifted(math, drawn, scale, offset);
  if (dtype === 'float32') return values;
  const rounded = uniform ? values : unary(math, 'Round', values);
  const integers = cast(math, rounded, DataType.float32, DataType.int32);
  return dtype === 'bool' ? cast(math, integers, DataType.int32, DataType.bool) : integers;
}

function shifted(
  math: GraphMath,
  tensor: TensorMetadata,
  scale: number,
  offset: number
): TensorMetadata {
  const scaled = scale === 1 ? tensor : binary(math, 'Mul', tensor, scale);
  return offset === 0 ? scaled : binary(math, 'AddV2', scaled, offset);
}

function binary(
  math: GraphMath,
  name: string,
  tensor: TensorMetadata,
  value: number
): TensorMetadata {
  const other = math.constant(Float32Array.of(value), []);
  return math.operation(name, [typed('T', DataType.float32)], [tensor.id, other], 1)[0]!;
}

function unary(math: GraphMath, name: string, tensor: TensorMetadata): TensorMetadata {
  return math.operation(name, [typed('T', DataType.float32)], [tensor.id], 1)[0]!;
}

function cast(math: GraphMath, tensor: TensorMetadata, from: number, to: number): TensorMetadata {
  return math.operation('Cast', [typed('SrcT', from), typed('DstT', to)], [tensor.id], 1)[0]!;
}

function typed(name: string, value: number): Attribute {
  return { name, type: AttributeKind.type, value };
}
