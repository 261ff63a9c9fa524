import type { Flat } from './structure.ts';

/** From how many recordings on a changing number is told. */
const patience = 5;

/** Notices a plain number that changes from call to call, each time at the cost of a recording and a compilation. */
export class RetraceWatch {
  readonly #name: string;
  readonly #seen = new Map<string, { count: number; first: ReadonlyMap<string, number> }>();
  #told = false;

  /**
   * A watch over one function.
   * @param name What the function is called.
   */
  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Notes a recording; warns once when numbers are all that changed over several.
   * @param flat The arguments it was made for.
   */
  add({ outline, numbers }: Flat): void {
    const seen = this.#seen.get(outline) ?? { count: 0, first: numbers };
    seen.count++;
    this.#seen.set(outline, seen);
    if (seen.count < patience || this.#told) return;
    const changing = [...numbers].filter(([path, value]) => seen.first.get(path) !== value);
    this.#told = true;
    console.warn(
      `${this.#name} was recorded ${seen.count} times for changing numbers${changing.length > 0 ? ` (${changing.map(([path]) => path).join(', ')})` : ''}; pass such a number as a tensor: tf.scalar(value).`
    );
  }
}
