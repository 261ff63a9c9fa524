import { HelperError } from '../errors.ts';
import type { Address } from '../runtime/declarations.ts';
import type { Library } from '../runtime/library.ts';
import { Agreement } from './control/agreement.ts';
import { Ending, isShared } from './control/ending.ts';
import { Farewell } from './control/farewell.ts';
import type { Formation, Formed } from './control/formation.ts';
import type { Message } from './control/line.ts';
import type { Star } from './control/star.ts';
import { Collectives, type Numbers, type Reduction } from './collectives.ts';
import type { GroupFunction } from './in-graph/function-runner.ts';
import type { Seat } from './in-graph/shared-gradient.ts';

/** What one group of workers exchanged. */
export interface Traffic {
  /** Collective operations. */
  readonly operations: number;
  /** Bytes that this worker sent, by the ring algorithm's payload: `2(n−1)/n` of an all-reduce's input, `n−1` of a gather's. */
  readonly sentBytes: number;
}

/** Workers that reduce together, from the moment they formed until one of them is lost. */
export class Group implements Seat {
  /** TensorFlow chooses how sums inside functions travel. */
  readonly hint = 'auto';
  /** This worker's number, from 0. */
  readonly rank: number;
  /** How many workers there are. */
  readonly size: number;
  /** 1 for the first group of these workers; one more each time that they form again. */
  readonly generation: number;
  readonly #collectives: Collectives | undefined;
  readonly #formed: Formed | undefined;
  readonly #star: Star | undefined;
  readonly #agreement: Agreement;
  readonly #ending: Ending;
  readonly #farewell: Farewell | undefined;
  readonly #timeout: number;
  readonly #running = new Set<number>();
  #operations = 0;
  #sentBytes = 0;

  private constructor(
    formed: Formed | undefined,
    collectives: Collectives | undefined,
    timeout: number,
    star?: Star
  ) {
    [this.#formed, this.#collectives, this.#star] = [formed, collectives, star];
    this.#timeout = timeout;
    [this.rank, this.size] = [formed?.rank ?? 0, formed?.addresses.length ?? 1];
    this.generation = formed?.generation ?? 1;
    this.#agreement = new Agreement(this.size);
    this.#ending = new Ending(this.rank, formed?.addresses ?? [], (code, text) => {
      star?.send({ type: 'failed', code, text });
      collectives?.abort();
      this.#farewell?.abandon();
    });
    if (!star) return;
    this.#farewell = new Farewell(star, this.rank, sequence => this.#hasFinished(sequence));
    star.listen(
      (message, from) => this.#hear(message, from),
      rank => this.#ending.lose(rank, 'its process ended or left the group')
    );
  }

  /** A group of this process alone: every operation gives back what it got. */
  static alone(): Group {
    return new Group(undefined, undefined, 0);
  }

  /**
   * Forms a group of workers that notice when one of them is lost.
   * @param library TensorFlow.
   * @param formation Where the workers meet.
   * @param timeout Seconds that one operation waits.
   * @returns The group, once all have joined it.
   * @throws HelperError as `Formation.form` does.
   */
  static async form(library: Library, formation: Formation, timeout: number): Promise<Group> {
    const { formed, opened, star } = await formation.form(({ addresses, rank }) =>
      Collectives.open(library, addresses, rank)
    );
    const group = new Group(formed, opened, timeout, star);
    formation.port.onLost = (index, how) => group.#ending.lose(formed.indexes.indexOf(index), how);
    return group;
  }

  /**
   * Connects to workers that may run other programs: only time-outs and TensorFlow's own errors tell of losses.
   * @param library TensorFlow.
   * @param formed Who they are.
   * @param timeout Seconds that one operation waits.
   * @returns The group; its first operation waits for the others.
   */
  static async connect(library: Library, formed: Formed, timeout: number): Promise<Group> {
    const { addresses, rank } = formed;
    const collectives = await Collectives.open(library, addresses, rank, { hasPython: true });
    return new Group(formed, collectives, timeout);
  }

  /** The places in the cluster of the group's workers, in the order of ranks. */
  get indexes(): readonly number[] {
    return this.#formed?.indexes ?? [0];
  }

  /** What was exchanged so far. */
  get traffic(): Traffic {
    return { operations: this.#operations, sentBytes: this.#sentBytes };
  }

  /** Why the group ended, if it did: form the next one with `reform()` of its workers. */
  get failure(): HelperError | undefined {
    return this.#ending.failure;
  }

  /**
   * Reduces numbers over all workers, element by element.
   * @param values As many of the same type on every worker; not changed.
   * @param reduction How. @default 'sum'
   * @returns The same numbers on every worker, bit for bit.
   * @throws HelperError `distributed/lost`, `distributed/mismatch` or `distributed/timeout`, on every worker that is left.
   */
  allReduce<T extends Numbers>(values: T, reduction: Reduction = 'sum'): Promise<T> {
    const text = `all-reduce (${reduction}) of ${kind(values)}`;
    const alone = (): T => values.slice() as T;
    return this.#run(
      text,
      this.#ringBytes(values.byteLength),
      on => on.allReduce(values, reduction),
      alone
    );
  }

  /**
   * Puts the numbers of all workers one after another, in the order of ranks.
   * @param values As many of the same type on every worker.
   * @returns `size` times as many numbers.
   * @throws HelperError as `allReduce` does.
   */
  allGather<T extends Numbers>(values: T): Promise<T> {
    return this.#run(
      `all-gather of ${kind(values)}`,
      (this.size - 1) * values.byteLength,
      on => on.allGather(values),
      () => values.slice() as T
    );
  }

  /**
   * Sends one worker's numbers to all.
   * @param values On the root what is sent; elsewhere as many of the same type, whose values do not matter.
   * @param root The rank that sends. @default 0
   * @returns The root's numbers.
   * @throws HelperError as `allReduce` does; `distributed/mismatch` for a rank that is not there.
   */
  broadcast<T extends Numbers>(values: T, root = 0): Promise<T> {
    if (!(Number.isInteger(root) && root >= 0 && root < this.size)) {
      const text = `expected a root from 0 to ${this.size - 1}, got ${root}`;
      return Promise.reject(new HelperError('distributed/mismatch', text));
    }
    const sent = this.rank === root ? (this.size - 1) * values.byteLength : 0;
    return this.#run(
      `broadcast from ${root} of ${kind(values)}`,
      sent,
      on => on.broadcast(values, root),
      () => values.slice() as T
    );
  }

  /**
   * Takes numbers for operations of a function: all workers must ask for as many in the same order.
   * @param operations How many it has.
   * @returns The first of them.
   */
  reserve(operations: number): number {
    return this.#collectives?.reserve(operations) ?? 0;
  }

  /**
   * Runs a recorded function whose collective operations meet those of the other workers.
   * @param step The function.
   * @param inputs Handles of its inputs; they stay the caller's.
   * @returns TF_Tensors of its outputs; they belong to the caller.
   * @throws HelperError as `allReduce` does; TensorFlowError `tensorflow/operation` when it fails on this worker.
   */
  runFunction(step: GroupFunction, inputs: readonly Address[]): Promise<Address[]> {
    const bytes = 4 * step.sums.reduce((sum, numbers) => sum + numbers, 0);
    const text = `a step with ${step.sums.length} sums of ${bytes} bytes`;
    return this.#run(text, this.#ringBytes(bytes), on => on.runFunction(step, inputs));
  }

  /**
   * Waits until all workers are here.
   * @throws HelperError as `allReduce` does.
   */
  async barrier(): Promise<void> {
    await this.allReduce(Int32Array.of(1));
  }

  /**
   * Leaves the group, as soon as the others are done with the operations that this worker took part in; they get `distributed/lost` when
   * they start another one.
   */
  async leave(): Promise<void> {
    if (!this.failure) await this.#farewell?.leave(this.#operations);
    this.#collectives?.close();
    this.#star?.close();
  }

  async #run<T>(
    text: string,
    bytes: number,
    work: (on: Collectives) => Promise<T>,
    alone?: () => T
  ): Promise<T> {
    if (this.failure) throw this.failure;
    if (!this.#collectives) {
      if (alone) return alone();
      throw new HelperError(
        'distributed/cluster',
        `${text} needs other workers, this one is alone`
      );
    }
    const sequence = ++this.#operations;
    this.#tell(sequence, text);
    this.#running.add(sequence);
    const timer = setTimeout(() => this.#giveUp(text), 1000 * this.#timeout);
    try {
      const result = await work(this.#collectives);
      this.#sentBytes += bytes;
      return result;
    } catch (cause) {
      throw await this.#ending.reason(text, cause as Error);
    } finally {
      clearTimeout(timer);
      this.#running.delete(sequence);
      this.#farewell?.confirm();
    }
  }

  /** What one worker sends when a ring adds up so many bytes. */
  #ringBytes(bytes: number): number {
    return ((2 * (this.size - 1)) / this.size) * bytes;
  }

  #hasFinished(sequence: number): boolean {
    return this.#operations >= sequence && [...this.#running].every(open => open > sequence);
  }

  /** Lets the first worker compare, without waiting for it. */
  #tell(sequence: number, text: string): void {
    if (this.rank === 0) this.#compare(0, sequence, text);
    else this.#star?.send({ type: 'operation', sequence, text });
  }

  #compare(rank: number, sequence: number, text: string): void {
    const difference = this.#star && this.#agreement.note(rank, sequence, text);
    if (!difference) return;
    const rule = 'every worker must start the same operations in the same order';
    this.#ending.fail('distributed/mismatch', `${difference}; ${rule}`);
  }

  #hear(message: Message, from: number): void {
    const { type, sequence, code, text } = message;
    if (type === 'operation') this.#compare(from, Number(sequence), String(text));
    else if (type === 'failed' && isShared(code)) this.#ending.fail(code, String(text));
    else this.#farewell?.hear(message, from);
  }

  #giveUp(text: string): void {
    const why = `${text} waited ${this.#timeout} s for the other workers; one of them computes longer than that (set timeoutSeconds) or waits for something else`;
    this.#ending.fail('distributed/timeout', why);
  }
}

function kind(values: Numbers): string {
  const types = [
    [Float32Array, 'float32'],
    [Int32Array, 'int32'],
    [Uint16Array, 'float16']
  ] as const;
  return `${values.length} ${types.find(([type]) => values instanceof type)?.[1]}`;
}
