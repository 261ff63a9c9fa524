import { type Attribute, AttributeKind, DataType, type TensorMetadata } from '../runtime/types.ts';
import type { GraphMath } from './graph-math.ts';

/** A lower precision: `bf16` keeps float32's range, `fp16` has more digits and less range. */
export type Precision = 'bf16' | 'fp16';

/** Operations that gain from a lower precision; all others stay in float32. */
const lowered = new Set([
  'MatMul',
  'BatchMatMul',
  'BatchMatMulV2',
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter'
]);

/** Runs products of matrices and convolutions in a lower precision; what goes in and comes out stays float32. */
export class Autocast {
  readonly #dtype: number;
  readonly #math: GraphMath;
  /** Each tensor is cast once. */
  readonly #casts = new Map<number, number>();

  /**
   * Lowers operations of one recording.
   * @param precision To what.
   * @param math The recording.
   */
  constructor(precision: Precision, math: GraphMath) {
    this.#dtype = precision === 'bf16' ? DataType.bfloat16 : DataType.float16;
    this.#math = math;
  }

  /**
   * Runs an operation in the lower precision.
   * @param name Its type.
   * @param attributes Its attributes.
   * @param inputs Its inputs.
   * @param outputs How many outputs it has.
   * @returns Its outputs in float32; undefined for an operation that stays in full precision.
   */
  execute(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number
  ): TensorMetadata[] | undefined {
    const isFloat = attributes.some(
      attribute => attribute.name === 'T' && attribute.value === DataType.float32
    );
    if (!lowered.has(name) || !isFloat) return undefined;
    const low = attributes.map(attribute =>
      attribute.name === 'T' ? { ...attribute, value: this.#dtype } : attribute
    );
    const results = this.#math.operation(
      name,
      low,
      inputs.map(id => this.#lower(id)),
      outputs
    );
    return results.map(({ id }) => this.#cast(id, this.#dtype, DataType.float32));
  }

  #lower(id: number): number {
    if (this.#math.resolve(id).dtype !== DataType.float32) return id;
    const known = this.#casts.get(id);
    if (known !== undefined) return known;
    const lower = this.#cast(id, DataType.float32, this.#dtype).id;
    this.#casts.set(id, lower);
    return lower;
  }

  #cast(id: number, from: number, to: number): TensorMetadata {
    const attributes = [
      { name: 'SrcT', type: AttributeKind.type, value: from },
      { name: 'DstT', type: AttributeKind.type, value: to }
    ];
    return this.#math.operation('Cast', attributes, [id], 1)[0]!;
  }
}
