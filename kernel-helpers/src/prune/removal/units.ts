/** Where a unit shows up: an axis of a weight, and the unit at each index of it. */
export interface UnitAxis {
  /** Name of the weight. */
  readonly weight: string;
  /** Axis from 0. */
  readonly axis: number;
  /** Number of the unit at each index; −1 where what stands there stays. */
  readonly unitOf: Int32Array;
  /** `out`: the weight makes the unit. `in`: it reads it. `scale`: a normalisation's factor. `along`: something else for each unit. */
  readonly role: 'out' | 'in' | 'scale' | 'along';
}

/** Units that are chosen from together, such as the filters of a convolution and of those it is added to. */
export interface UnitFamily {
  /** The layers or weights that make them. */
  readonly name: string;
  /** Their numbers. */
  readonly units: readonly number[];
}

/** All units of a model that may be removed, and all places that change with them. */
export interface UnitGraph {
  readonly axes: readonly UnitAxis[];
  readonly families: readonly UnitFamily[];
}

/**
 * Channels as they flow through a model: numbers that turn out to be one and the same are joined, and some must stay.
 */
export class Channels {
  readonly #parent: number[] = [];
  readonly #reason = new Map<number, string>();

  /**
   * New channels.
   * @param count How many.
   * @returns Their numbers.
   */
  make(count: number): Int32Array {
    return Int32Array.from({ length: count }, () => this.#parent.push(this.#parent.length) - 1);
  }

  /**
   * The number that stands for a channel and all that are joined with it.
   * @param channel Number of a channel.
   * @returns The same for all of them.
   */
  find(channel: number): number {
    let root = channel;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    this.#parent[channel] = root;
    return root;
  }

  /**
   * Joins channels one by one: where one goes, the other goes.
   * @param a Numbers of channels.
   * @param b As many.
   */
  join(a: Int32Array, b: Int32Array): void {
    a.forEach((channel, i) => {
      const [from, to] = [this.find(channel), this.find(b[i]!)];
      if (from === to) return;
      this.#parent[from] = to;
      const reason = this.#reason.get(from);
      if (reason !== undefined) this.#reason.set(to, reason);
    });
  }

  /**
   * Lets channels stay.
   * @param channels Their numbers.
   * @param reason Why.
   */
  freeze(channels: Int32Array, reason: string): void {
    for (const channel of channels) {
      const root = this.find(channel);
      if (!this.#reason.has(root)) this.#reason.set(root, reason);
    }
  }

  /**
   * Why a channel must stay.
   * @param channel Its number.
   * @returns The reason; undefined when it may go.
   */
  reason(channel: number): string | undefined {
    return this.#reason.get(this.find(channel));
  }
}
