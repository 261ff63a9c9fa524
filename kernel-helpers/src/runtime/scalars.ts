import type { Address } from './declarations.ts';
import type { Library } from './library.ts';

/** How many are kept: the constants of a step, not the numbers that a schedule makes anew each time. */
const capacity = 64;

/** Numbers that eager steps use again and again, such as a learning rate: sharing a tensor is one call in place of seven. */
export class Scalars {
  readonly #library: Library;
  readonly #make: (value: number) => Address;
  readonly #handles = new Map<number, Address>();

  /**
   * Keeps nothing yet.
   * @param library TensorFlow.
   * @param make Makes a float32 scalar; its handle is then the keeper's.
   */
  constructor(library: Library, make: (value: number) => Address) {
    this.#library = library;
    this.#make = make;
  }

  /**
   * A handle of a number.
   * @param value Any number; 0 and -0 are not told apart by a map, and are not kept.
   * @returns A handle of its own, which shares its memory with others: TensorFlow overwrites none that is shared.
   */
  of(value: number): Address {
    if (value === 0) return this.#make(value);
    const kept = this.#handles.get(value) ?? this.#make(value);
    // The newest come last.
    this.#handles.delete(value);
    this.#handles.set(value, kept);
    const { api, status } = this.#library;
    const shared = api.TFE_TensorHandleCopySharingTensor(kept, status);
    this.#library.check('sharing a number');
    if (this.#handles.size > capacity) this.#dropOldest();
    return shared;
  }

  /** Frees all that is kept. */
  clear(): void {
    while (this.#handles.size > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const [value, handle] of this.#handles) {
      this.#handles.delete(value);
      this.#library.api.TFE_DeleteTensorHandle(handle);
      return;
    }
  }
}
