import type { backend_util, DataType as TfjsType, Tensor } from '@tensorflow/tfjs';
import type { LeafWatcher } from '../optim/leaf-watcher.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import { type Attribute, AttributeKind, DataType, type TensorMetadata } from '../runtime/types.ts';
import { type Event, isNumber, isRepeated, keyOf, type Shape, textOf } from './events.ts';
import type { GraphMath } from './graph-math.ts';

/** Most numbers that one function takes with each call. */
export const mostNumbers = 4096;

/**
 * Makes numbers that JavaScript computes inputs of the graph rather than constants, so that a schedule does not record anew. Keeps a log
 * of all that happens meanwhile, for `Rehearsal` to follow.
 */
export class NumberLog implements LeafWatcher {
  readonly events: Event[] = [];
  readonly #math: GraphMath;
  /** The graph's input of all numbers. */
  readonly #input: number;
  readonly #places: readonly number[] | undefined;
  readonly #made = new Map<string, TensorMetadata>();
  #count = 0;
  /** What happened in the first of the leaves that are being computed. */
  #firstLeaf: readonly Event[] | undefined;

  /**
   * An empty log.
   * @param math The recording.
   * @param input A vector with an element for each place, `mostNumbers` where no places are given.
   * @param places Where each number stands in the vector; equal ones may share a place. One after the other by default.
   */
  constructor(math: GraphMath, input: number, places?: readonly number[]) {
    this.#math = math;
    this.#input = input;
    this.#places = places;
  }

  /**
   * Notes an operation.
   * @param name Its type.
   * @param attributes Its attributes.
   * @param outputs Its outputs.
   */
  executed(name: string, attributes: readonly Attribute[], outputs: readonly Shape[]): void {
    this.events.push({ kind: 'operation', key: keyOf(name, attributes), outputs });
  }

  /**
   * Takes over a tensor of one number.
   * @param values Its values.
   * @param shape Its shape.
   * @param dtype Its data type.
   * @returns The number as part of the graph's input; undefined for any other tensor, which stays a constant.
   */
  written(
    values: backend_util.BackendValues,
    shape: number[],
    dtype: TfjsType
  ): TensorMetadata | undefined {
    if (!isNumber(values, dtype)) {
      this.events.push({
        kind: 'constant',
        key: textOf(values),
        shape: { shape, dtype: DataType[dtype] }
      });
      return undefined;
    }
    const place = this.#places?.[this.#count] ?? this.#count;
    this.#count++;
    this.events.push({ kind: 'number', place });
    const key = `${place} [${shape.join()}]`;
    const made = this.#made.get(key) ?? this.#take(place, shape);
    this.#made.set(key, made);
    return made;
  }

  /** Forgets the leaves before. */
  leavesBegin(): void {
    this.#firstLeaf = undefined;
  }

  /** Notes which events are a leaf's, and whether they repeat the first one's. */
  leaf(compute: () => Tensor): Tensor {
    const first = this.#firstLeaf;
    const at = this.events.length;
    const output = { shape: [] as number[], dtype: 0 };
    this.events.push({ kind: 'leaf', length: 0, repeats: false, output });
    const result = compute();
    const own = this.events.slice(at + 1);
    this.events[at] = {
      kind: 'leaf',
      length: own.length,
      repeats: first !== undefined && isRepeated(first, own),
      output: { shape: result.shape, dtype: DataType[result.dtype] }
    };
    this.#firstLeaf = first ?? own;
    return result;
  }

  #take(place: number, shape: number[]): TensorMetadata {
    if (place >= mostNumbers) {
      throw new TensorFlowError(
        'jit/record',
        `expected at most ${mostNumbers} numbers in one step; use fewer, larger tensors`
      );
    }
    const types = [
      { name: 'T', type: AttributeKind.type, value: DataType.float32 },
      { name: 'Index', type: AttributeKind.type, value: DataType.int32 }
    ];
    const [begin, size] = [place, 1].map(value => this.#math.constant(Int32Array.of(value), [1]));
    const [slice] = this.#math.operation('Slice', types, [this.#input, begin!, size!], 1);
    const sizes = this.#math.constant(Int32Array.from(shape), [shape.length]);
    return this.#math.operation('Reshape', types, [slice!.id, sizes], 1)[0]!;
  }
}

/**
 * Lets numbers that are equal in every one of several rehearsals share a place.
 * @param samples The numbers of each rehearsal, in the order of the recording.
 * @returns The place of each number.
 */
export function sharedPlaces(samples: readonly (readonly number[])[]): number[] {
  const places = new Map<string, number>();
  return (samples[0] ?? []).map((_, i) => {
    const key = samples.map(sample => String(sample[i])).join();
    const place = places.get(key) ?? places.size;
    places.set(key, place);
    return place;
  });
}
