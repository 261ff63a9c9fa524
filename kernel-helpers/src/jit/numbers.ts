import type { backend_util, DataType as TfjsType, Tensor } from '@tensorflow/tfjs';
import type { LeafWatcher } from '../optim/leaf-watcher.ts';
import type { ValueRecorder } from '../runtime/backend.ts';
import type { Recorder } from '../runtime/binding.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import { type Attribute, AttributeKind, DataType, type TensorMetadata } from '../runtime/types.ts';
import type { GraphMath } from './graph-math.ts';

/** Most numbers that one function takes with each call. */
export const mostNumbers = 4096;

/** What a part of a function did while it was recorded, in order. */
type Event =
  | { readonly kind: 'operation'; readonly key: string; readonly outputs: readonly Shape[] }
  | { readonly kind: 'number'; readonly place: number }
  | Leaf
  | { readonly kind: 'constant'; readonly key: string; readonly shape: Shape };

/** A leaf of a tree: what happened while it was computed follows. */
interface Leaf {
  readonly kind: 'leaf';
  /** How many events. */
  readonly length: number;
  /** Whether they are those of the first leaf: its numbers are these, too. */
  readonly repeats: boolean;
  readonly output: Shape;
}

type Shape = Pick<TensorMetadata, 'shape' | 'dtype'>;

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

/** Thrown when code does otherwise than the log says: it must be recorded anew. */
export class Differs extends Error {}

/** A tensor of a rehearsal: it has a shape and no values. */
const nothing = 0;

/** Runs code again without computing anything, to get the numbers that it computes in JavaScript. */
export class Rehearsal implements Recorder, ValueRecorder, LeafWatcher {
  /** The numbers by their place in the vector. */
  readonly numbers: number[] = [];
  readonly #events: readonly Event[];
  readonly #wrap: (metadata: TensorMetadata) => Tensor;
  #next = 0;

  /**
   * A rehearsal that is about to start.
   * @param events What happened when the code was recorded.
   * @param wrap Makes a tensor of what is known of it.
   */
  constructor(events: readonly Event[], wrap: (metadata: TensorMetadata) => Tensor) {
    this.#events = events;
    this.#wrap = wrap;
  }

  /** Follows an operation of the log. */
  execute(name: string, attributes: readonly Attribute[]): TensorMetadata[] {
    const event = this.#events[this.#next++];
    if (event?.kind !== 'operation' || event.key !== keyOf(name, attributes)) throw new Differs();
    return event.outputs.map(({ shape, dtype }) => ({ id: nothing, shape, dtype }));
  }

  /** Takes a number, or checks that a constant is the same. */
  written(
    _dataId: object,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: TfjsType
  ): TensorMetadata {
    const event = this.#events[this.#next++];
    if (event?.kind === 'number' && isNumber(values, dtype)) {
      this.#put(event.place, values[0] as number);
    } else if (event?.kind !== 'constant' || event.key !== textOf(values)) {
      throw new Differs();
    }
    return { id: nothing, shape, dtype: DataType[dtype] };
  }

  /** Nothing is to be remembered of the leaves before. */
  leavesBegin(): void {
    return undefined;
  }

  /** Computes a leaf, unless its numbers are those of the first one. */
  leaf(compute: () => Tensor): Tensor {
    const event = this.#events[this.#next++];
    if (event?.kind !== 'leaf') throw new Differs();
    if (!event.repeats) return compute();
    this.#next += event.length;
    return this.#wrap({ id: nothing, ...event.output });
  }

  /** Numbers that share a place were equal so far. */
  #put(place: number, value: number): void {
    const known = this.numbers[place];
    if (known !== undefined && !Object.is(known, value)) throw new Differs();
    this.numbers[place] = value;
  }

  /** Whether all that was recorded has happened again. */
  get isOver(): boolean {
    return this.#next === this.#events.length;
  }

  /** Nothing is made. */
  created(): void {
    return undefined;
  }

  /** Nothing is kept. */
  defersDeletion(): boolean {
    return false;
  }

  /** Nothing waits to be written. */
  isOwn(): boolean {
    return true;
  }

  /** Nothing is computed. */
  needsValues(): boolean {
    return false;
  }

  /** The recording has refused already what may not be read. */
  refuseRead(): undefined {
    return undefined;
  }
}

/** Whether the same was done, with the same numbers. */
function isRepeated(first: readonly Event[], events: readonly Event[]): boolean {
  return (
    first.length === events.length &&
    first.every((event, i) => textOfEvent(event) === textOfEvent(events[i]!))
  );
}

function textOfEvent(event: Event): string {
  switch (event.kind) {
    case 'number':
      return String(event.place);
    case 'leaf':
      return `leaf ${event.length} ${event.repeats}`;
    default:
      return event.key;
  }
}

function isNumber(values: backend_util.BackendValues, dtype: TfjsType): boolean {
  return dtype === 'float32' && values.length === 1;
}

/** Long constants are taken to be the same: what changes with the step is short. */
function textOf(values: backend_util.BackendValues): string {
  return values.length <= 16
    ? Array.from(values as ArrayLike<unknown>).join()
    : String(values.length);
}

function keyOf(name: string, attributes: readonly Attribute[]): string {
  let key = name;
  for (const { value } of attributes) key += ` ${String(value)}`;
  return key;
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
