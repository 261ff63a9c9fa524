/** The first worker compares what all are about to do: operations that differ would wait for each other for ever. */
export class Agreement {
  readonly #pending = new Map<number, Map<number, string>>();
  readonly #size: number;

  /**
   * Compares the operations of a group.
   * @param size How many workers there are.
   */
  constructor(size: number) {
    this.#size = size;
  }

  /**
   * Takes down what a worker starts.
   * @param rank The worker.
   * @param sequence Number of the operation, from 1 on each worker.
   * @param text What it does, in words.
   * @returns How it differs from what another worker starts, if it does.
   */
  note(rank: number, sequence: number, text: string): string | undefined {
    const others = this.#pending.get(sequence) ?? new Map<number, string>();
    this.#pending.set(sequence, others.set(rank, text));
    if (others.size === this.#size) this.#pending.delete(sequence);
    const [[otherRank, other]] = [...others] as [[number, string]];
    if (other === text) return undefined;
    return `operation ${sequence} differs: worker ${otherRank} starts ${other}, worker ${rank} ${text}`;
  }
}
