import { HelperError } from '../../errors.ts';
import { TensorFlowError } from '../../runtime/errors.ts';
import { OperationFailure } from '../operation.ts';

/** Milliseconds to wait for the reason after TensorFlow reported that an operation failed. */
const reasonMs = 5000;

/** The same when it failed on this worker: the reason may still be that the workers' operations differ. */
const differenceMs = 1000;

/** What ends a group on all its workers. */
const shared = ['distributed/lost', 'distributed/mismatch', 'distributed/timeout'] as const;

/** The code of what ends a group on all its workers. */
export type SharedCode = (typeof shared)[number];

/** What a group is told when it ends. */
export type Ended = (code: SharedCode, text: string) => void;

/** Why a group ends: the first reason that is known on one of its workers. */
export class Ending {
  readonly #rank: number;
  readonly #addresses: readonly string[];
  readonly #ended: Ended;
  #failure: HelperError | undefined;
  #onFailure: () => void = () => undefined;

  /**
   * Waits for a reason.
   * @param rank This worker.
   * @param addresses The workers' addresses, in the order of ranks.
   * @param ended Called with the first reason, before who waits for it is answered.
   */
  constructor(rank: number, addresses: readonly string[], ended: Ended) {
    [this.#rank, this.#addresses, this.#ended] = [rank, addresses, ended];
  }

  /** The reason, if there is one. */
  get failure(): HelperError | undefined {
    return this.#failure;
  }

  /**
   * Gives a reason; only the first counts.
   * @param code What kind of reason.
   * @param text What happened.
   * @param cause The error behind it, if any.
   */
  fail(code: SharedCode, text: string, cause?: Error): void {
    if (this.#failure) return;
    this.#failure = new HelperError(code, text, cause && { cause });
    this.#ended(code, text);
    this.#onFailure();
  }

  /**
   * A worker is lost.
   * @param rank Which.
   * @param how In words.
   */
  lose(rank: number, how: string): void {
    const address = this.#addresses[rank];
    if (address) this.fail('distributed/lost', `lost worker ${rank} (${address}): ${how}`);
  }

  /**
   * Why an operation failed. TensorFlow only says that it did; who is lost, or what differs, is known a moment later.
   * @param text What the operation does, in words.
   * @param cause What TensorFlow says.
   * @returns The error for who started it.
   */
  async reason(text: string, cause: Error): Promise<Error> {
    const isOwn = cause instanceof OperationFailure && cause.isOwn;
    if (!this.#failure) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, isOwn ? differenceMs : reasonMs);
        this.#onFailure = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const who = isOwn ? `worker ${this.#rank} (${this.#addresses[this.#rank]}): ` : '';
    this.fail('distributed/lost', `${who}${text} failed: ${cause.message}`, cause);
    // To form anew would lead to the same failure: the others go on without this one.
    if (isOwn && this.#failure?.code !== 'distributed/mismatch') {
      return new TensorFlowError('tensorflow/operation', cause.message, { cause });
    }
    return this.#failure!;
  }
}

/**
 * Whether a code that another worker sent is one that ends the group.
 * @param code What it sent.
 * @returns Whether it is.
 */
export function isShared(code: unknown): code is SharedCode {
  return shared.some(known => known === code);
}
