import { HelperError } from '../errors.ts';
import type { Library } from '../runtime/library.ts';
import { Agreement } from './control/agreement.ts';
import type { Formation, Formed } from './control/formation.ts';
import { Collectives, type Numbers, type Reduction } from './collectives.ts';

/** Milliseconds to wait for the reason after TensorFlow reported that an operation failed. */
const reasonMs = 4000;

/** What one group of workers exchanged. */
export interface Traffic {
  /** Collective operations. */
  readonly operations: number;
  /** Bytes that this worker sent, by the ring algorithm's payload: `2(n−1)/n` of an all-reduce's input, `n−1` of a gather's. */
  readonly sentBytes: number;
}

/** Workers that reduce together, from the moment they formed until one of them is lost. */
export class Group {
  /** This worker's number, from 0. */
  readonly rank: number;
  /** How many workers there are. */
  readonly size: number;
  /** 1 for the first group of these workers; one more each time that they form again. */
  readonly generation: number;
  readonly #collectives: Collectives | undefined;
  readonly #formed: Formed | undefined;
  readonly #agreement: Agreement | undefined;
  readonly #timeout: number;
  #operations = 0;
  #sentBytes = 0;
  #failure: HelperError | undefined;
  #onFailure: () => void = () => undefined;

  private constructor(
    formed: Formed | undefined,
    collectives: Collectives | undefined,
    timeout: number
  ) {
    this.#formed = formed;
    this.#collectives = collectives;
    this.#timeout = timeout;
    [this.rank, this.size] = [formed?.rank ?? 0, formed?.addresses.length ?? 1];
    this.generation = formed?.generation ?? 1;
    if (formed?.members) {
      this.#agreement = new Agreement(formed.members);
      this.#agreement.onMismatch = text => this.#mismatch(text);
    }
    if (formed?.first) {
      formed.first.onMessage = ({ type, text }) => {
        if (type === 'mismatch') this.#mismatch(String(text));
      };
    }
  }

  /** A group of this process alone: every operation gives back what it got. */
  static alone(): Group {
    return new Group(undefined, undefined, 0);
  }

  /**
   * Connects the workers that agreed to form a group.
   * @param library TensorFlow.
   * @param formed What they agreed on.
   * @param formation Where losses are noticed; without one, only time-outs notice them.
   * @param timeout Seconds that one operation waits.
   * @returns The group, once all have joined it.
   */
  static async connect(
    library: Library,
    formed: Formed,
    formation: Formation | undefined,
    timeout: number
  ): Promise<Group> {
    const { addresses, rank, indexes } = formed;
    const collectives = await Collectives.open(library, addresses, rank, timeout);
    const group = new Group(formed, collectives, timeout);
    if (formation) {
      formation.port.onLost = (index, how) => {
        const lost = indexes.indexOf(index);
        if (lost >= 0)
          group.#fail('distributed/lost', `lost worker ${lost} (${addresses[lost]}): ${how}`);
      };
    }
    return group;
  }

  /** What was exchanged so far. */
  get traffic(): Traffic {
    return { operations: this.#operations, sentBytes: this.#sentBytes };
  }

  /** Why the group ended, if it did: form the next one with `reform()` of its workers. */
  get failure(): HelperError | undefined {
    return this.#failure;
  }

  /**
   * Reduces numbers over all workers, element by element.
   * @param values As many of the same type on every worker; not changed.
   * @param reduction How. @default 'sum'
   * @returns The same numbers on every worker, bit for bit.
   * @throws HelperError `distributed/lost`, `distributed/mismatch` or `distributed/timeout`, on every worker that is left.
   */
  allReduce<T extends Numbers>(values: T, reduction: Reduction = 'sum'): Promise<T> {
    const sent = (2 * (this.size - 1)) / this.size;
    return this.#run(
      `all-reduce (${reduction}) of ${kind(values)}`,
      sent * values.byteLength,
      values,
      on => on.allReduce(values, reduction)
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
      values,
      on => on.allGather(values)
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
    return this.#run(`broadcast from ${root} of ${kind(values)}`, sent, values, on =>
      on.broadcast(values, root)
    );
  }

  /**
   * Waits until all workers are here.
   * @throws HelperError as `allReduce` does.
   */
  async barrier(): Promise<void> {
    await this.allReduce(Int32Array.of(1));
  }

  /** Leaves the group; the others get `distributed/lost` when they start their next operation. */
  close(): void {
    this.#collectives?.close();
    this.#formed?.first?.close();
    for (const line of this.#formed?.members?.values() ?? []) line.close();
  }

  async #run<T extends Numbers>(
    text: string,
    bytes: number,
    values: T,
    work: (on: Collectives) => Promise<T>
  ): Promise<T> {
    if (this.#failure) throw this.#failure;
    if (!this.#collectives) return values.slice() as T;
    this.#tell(++this.#operations, text);
    try {
      const result = await work(this.#collectives);
      this.#sentBytes += bytes;
      return result;
    } catch (cause) {
      throw await this.#reason(text, cause as Error);
    }
  }

  /** Lets the first worker compare, without waiting for it. */
  #tell(sequence: number, text: string): void {
    this.#agreement?.note(this.rank, sequence, text);
    this.#formed?.first?.send({ type: 'operation', sequence, text });
  }

  /** TensorFlow only says that an operation failed; who is lost, or what differs, is known a moment later. */
  async #reason(text: string, cause: Error): Promise<HelperError> {
    if (/DEADLINE|timed out|timeout/i.test(cause.message) && !this.#failure) {
      const why = `${text} waited ${this.#timeout} s for the other workers; one of them computes longer than that (set timeoutSeconds) or waits for something else`;
      this.#failure = new HelperError('distributed/timeout', why, { cause });
    }
    if (!this.#failure) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, reasonMs);
        this.#onFailure = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#failure ??= new HelperError('distributed/lost', `${text} failed: ${cause.message}`, {
      cause
    });
    return this.#failure;
  }

  #mismatch(text: string): void {
    this.#fail(
      'distributed/mismatch',
      `${text}; every worker must start the same operations in the same order`
    );
  }

  #fail(code: HelperError['code'], text: string): void {
    if (this.#failure) return;
    this.#failure = new HelperError(code, text);
    this.#collectives?.abort();
    this.#onFailure();
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
