import type { Way } from '../../jit/comparison.ts';
import type { Compiled } from '../../jit/compiled.ts';
import type { Chooser } from '../../jit/steps.ts';

/** So long functions run plainly, in milliseconds, before one is compiled: about what compiling costs. */
const worthwhile = 500;

/**
 * Runs functions with XLA when all workers can, and plainly until then: the two ways round differently, and all workers must stay equal.
 * What a worker decides by is the same on all of them: which functions ran since they last disagreed, and whether they agree now. So a
 * worker that joins later, and knows none of the functions, brings the others back to the plain way until it has compiled them.
 */
export class AgreedWay implements Chooser {
  /** Functions that ran since the workers last disagreed. */
  readonly #used = new Set<Compiled>();
  readonly #started = new Set<Compiled>();
  readonly #done = new Set<Compiled>();
  #isAgreed = false;
  #plainMs = 0;

  /** Whether this worker has compiled all that it would need. */
  get isCompiled(): boolean {
    return this.#used.size > 0 && [...this.#used].every(compiled => this.#done.has(compiled));
  }

  /**
   * Takes note of what the workers said before this step.
   * @param isAgreed Whether all of them, this one included, were `isCompiled`, on processors of one kind.
   */
  note(isAgreed: boolean): void {
    this.#isAgreed = isAgreed;
    if (!isAgreed) this.#used.clear();
  }

  /**
   * Takes note of a call.
   * @param ms How long it took.
   */
  add(ms: number): void {
    this.#plainMs += ms;
  }

  /**
   * Chooses for one call, and starts to compile what has run for long enough.
   * @param compiled The function.
   * @param compile Compiles it on another thread; resolves to TensorFlow's text where that fails.
   * @returns How it runs now.
   */
  choose(compiled: Compiled, compile: () => Promise<string | undefined>): Way {
    const way = this.#isAgreed && this.#used.has(compiled) ? 'xla' : 'plain';
    this.#used.add(compiled);
    if (this.#plainMs >= worthwhile && !this.#started.has(compiled)) {
      this.#started.add(compiled);
      void compile().then(failure => {
        if (failure === undefined) this.#done.add(compiled);
      });
    }
    return way;
  }
}
