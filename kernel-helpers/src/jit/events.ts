import type { backend_util, DataType as TfjsType } from '@tensorflow/tfjs';
import type { Attribute, TensorMetadata } from '../runtime/types.ts';

/** What a part of a function did while it was recorded, in order. */
export type Event =
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

/** What is known of a tensor. */
export type Shape = Pick<TensorMetadata, 'shape' | 'dtype'>;

/**
 * Whether the same was done, with the same numbers.
 * @param first What happened once.
 * @param events What happened another time.
 * @returns Whether they are the same.
 */
export function isRepeated(first: readonly Event[], events: readonly Event[]): boolean {
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

/**
 * Whether a tensor is a number that may change from call to call.
 * @param values Its values.
 * @param dtype Its data type.
 * @returns Whether it is.
 */
export function isNumber(values: backend_util.BackendValues, dtype: TfjsType): boolean {
  return dtype === 'float32' && values.length === 1;
}

/**
 * What tells one constant from another. Long ones are taken to be the same: what changes with the step is short.
 * @param values Its values.
 * @returns Text that is the same for the same constant.
 */
export function textOf(values: backend_util.BackendValues): string {
  return values.length <= 16
    ? Array.from(values as ArrayLike<unknown>).join()
    : String(values.length);
}

/**
 * What tells one operation from another.
 * @param name Its type.
 * @param attributes Its attributes.
 * @returns Text that is the same for the same operation.
 */
export function keyOf(name: string, attributes: readonly Attribute[]): string {
  let key = name;
  for (const { value } of attributes) key += ` ${String(value)}`;
  return key;
}
