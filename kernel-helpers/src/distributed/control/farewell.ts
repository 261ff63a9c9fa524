import type { Message } from './line.ts';
import type { Star } from './star.ts';

/** The longest that a worker waits to leave, in ms: the others may be computing for long, but then TensorFlow's threads have their numbers. */
const patienceMs = 5000;

/**
 * Lets a worker leave when the others are done with all that it took part in. An operation can be over on one worker while another still
 * reads what the first sends: it would fail if the first were gone.
 */
export class Farewell {
  readonly #star: Star;
  readonly #rank: number;
  readonly #hasFinished: (sequence: number) => boolean;
  /** What the first worker asked and this one cannot confirm yet. */
  #asked: { readonly of: number; readonly sequence: number }[] = [];
  /** On the first worker: whom each that wants to leave still waits for. */
  readonly #awaited = new Map<number, Set<number>>();
  #release: () => void = () => undefined;

  /**
   * Watches over the operations of a group.
   * @param star Its lines.
   * @param rank This worker.
   * @param hasFinished Whether all operations up to this one are over here.
   */
  constructor(star: Star, rank: number, hasFinished: (sequence: number) => boolean) {
    this.#star = star;
    [this.#rank, this.#hasFinished] = [rank, hasFinished];
  }

  /**
   * Waits until this worker may leave.
   * @param sequence The last operation that it took part in.
   */
  async leave(sequence: number): Promise<void> {
    const timer = setTimeout(() => this.#release(), patienceMs);
    await new Promise<void>(resolve => {
      this.#release = resolve;
      this.#tell({ type: 'leave', sequence }, 0);
    });
    clearTimeout(timer);
  }

  /** Lets this worker leave at once: the group is broken. */
  abandon(): void {
    this.#release();
  }

  /**
   * Takes a message of another worker.
   * @param message Of any type.
   * @param from Its rank.
   */
  hear(message: Message, from: number): void {
    const sequence = Number(message.sequence);
    if (message.type === 'leave') this.#ask(from, sequence);
    if (message.type === 'finish') this.#asked.push({ of: Number(message.of), sequence });
    if (message.type === 'finish') this.confirm();
    if (message.type === 'finished') this.#confirmed(Number(message.of), from);
    if (message.type === 'left') this.#release();
  }

  /** Answers what can be answered now: call it when an operation is over. */
  confirm(): void {
    const done = this.#asked.filter(({ sequence }) => this.#hasFinished(sequence));
    this.#asked = this.#asked.filter(question => !done.includes(question));
    for (const { of } of done) this.#tell({ type: 'finished', of }, 0);
  }

  #ask(of: number, sequence: number): void {
    const others = [0, ...this.#star.others].filter(rank => rank !== of);
    this.#awaited.set(of, new Set(others));
    for (const rank of others) this.#tell({ type: 'finish', of, sequence }, rank);
  }

  #confirmed(of: number, by: number): void {
    const awaited = this.#awaited.get(of);
    if (!awaited?.delete(by) || awaited.size > 0) return;
    this.#awaited.delete(of);
    this.#tell({ type: 'left' }, of);
  }

  #tell(message: Message, rank: number): void {
    if (rank === this.#rank) this.hear(message, rank);
    else this.#star.send(message, rank);
  }
}
