/** Hands out parts of a memory, each at a multiple of 16 bytes. */
export class Layout {
  #bytes = 0;

  /** Bytes handed out so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes the next part.
   * @param bytes Its size.
   * @returns Its address.
   */
  take(bytes: number): number {
    const at = this.#bytes;
    this.#bytes += roundUp(bytes, 16);
    return at;
  }
}

/**
 * Rounds up.
 * @param value A number of at least 0.
 * @param unit What the result is a multiple of.
 * @returns The smallest multiple of `unit` that is at least `value`.
 */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
