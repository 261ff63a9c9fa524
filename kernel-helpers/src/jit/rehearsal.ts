import type { backend_util, DataType as TfjsType, Tensor } from '@tensorflow/tfjs';
import type { LeafWatcher } from '../optim/leaf-watcher.ts';
import type { ValueRecorder } from '../runtime/backend.ts';
import type { Recorder } from '../runtime/binding.ts';
import { type Attribute, DataType, type TensorMetadata } from '../runtime/types.ts';
import { type Event, isNumber, keyOf, textOf } from './events.ts';

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
