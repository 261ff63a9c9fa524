import type { Line } from './line.ts';

/** The first worker compares what all are about to do: operations that differ would wait for each other for ever. */
export class Agreement {
  readonly #members: ReadonlyMap<number, Line>;
  readonly #pending = new Map<number, Map<number, string>>();
  readonly #size: number;
  /** Called with the difference, on the first worker; the others are told. */
  onMismatch: (text: string) => void = () => undefined;

  /**
   * Compares the operations of a group.
   * @param members The lines to the other workers, by rank.
   */
  constructor(members: ReadonlyMap<number, Line>) {
    this.#members = members;
    this.#size = members.size + 1;
    for (const [rank, line] of members) {
      line.onMessage = ({ type, sequence, text }) => {
        if (type === 'operation') this.note(rank, Number(sequence), String(text));
      };
    }
  }

  /**
   * Takes down what a worker starts.
   * @param rank The worker.
   * @param sequence Number of the operation, from 1 on each worker.
   * @param text What it does, in words.
   */
  note(rank: number, sequence: number, text: string): void {
    const others = this.#pending.get(sequence) ?? new Map<number, string>();
    this.#pending.set(sequence, others.set(rank, text));
    const [[otherRank, other]] = [...others] as [[number, string]];
    if (other !== text) {
      const difference = `operation ${sequence} differs: worker ${otherRank} starts ${other}, worker ${rank} ${text}`;
      for (const line of this.#members.values()) line.send({ type: 'mismatch', text: difference });
      this.onMismatch(difference);
    }
    if (others.size === this.#size) this.#pending.delete(sequence);
  }
}
