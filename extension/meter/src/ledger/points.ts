/** An update of the counter, as it is stored. Times in ns, energies in microjoules. */
export interface Point {
  /** The update happened for certain between these moments. */
  lo: number;
  hi: number;
  /** It happened most likely between these. */
  from: number;
  to: number;
  /** How much of that time a read took, during which the counter ticked. @default 0 */
  tornNs?: number;
  /** The corrected counter's value that it brought. */
  value: number;
  /** Points of one run are joined by trusted steps; between two runs lies a gap. */
  run: number;
  /** How much less or more the truth since the first point may be. */
  doubtLow: number;
  doubtHigh: number;
  /** 1 where the counter stood still and caught up: its energy lies anywhere in the time around. */
  isCatchUp?: number;
}

const FIELDS = [
  'lo',
  'hi',
  'from',
  'to',
  'tornNs',
  'value',
  'run',
  'doubtLow',
  'doubtHigh',
  'isCatchUp'
] as const;

type Columns = Record<(typeof FIELDS)[number], Float64Array>;

/** The newest points of one counter, 0 the oldest. A ring that grows up to a bound. */
export class Points {
  readonly #most: number;
  #capacity: number;
  #columns: Columns;
  #first = 0;
  #size = 0;

  constructor(most = 4096) {
    this.#most = most;
    this.#capacity = Math.min(64, most);
    this.#columns = columnsOf(this.#capacity);
  }

  /** How many points there are. */
  get size(): number {
    return this.#size;
  }

  /** One field of the point at `i`. */
  get(field: (typeof FIELDS)[number], i: number): number {
    return this.#columns[field][this.#index(i)]!;
  }

  /** The most likely moment of the update at `i`. */
  at(i: number): number {
    const k = this.#index(i);
    return (this.#columns.from[k]! + this.#columns.to[k]!) / 2;
  }

  /** Half the width of the interval in which it most likely happened. */
  halfWidth(i: number): number {
    const k = this.#index(i);
    return (this.#columns.to[k]! - this.#columns.from[k]!) / 2;
  }

  /**
   * Variance of the update's moment in ns². When a read came by chance, each moment is as likely as
   * another. A read that was interrupted took its value just before or just after: it is one of the
   * two ends, and never the middle.
   */
  variance(i: number): number {
    const width = 2 * this.halfWidth(i);
    const torn = Math.min(this.get('tornNs', i), width);
    return (width - torn) ** 2 / 12 + torn ** 2 / 4;
  }

  /** Whether an interrupted read is most of what is not known of the update's moment. */
  isTorn(i: number): boolean {
    return this.get('tornNs', i) > this.halfWidth(i);
  }

  /** Corrected counter value in microjoules. */
  value(i: number): number {
    return this.#columns.value[this.#index(i)]!;
  }

  /** True when nothing lies between the points at `i` and `j` but trusted steps. */
  joined(i: number, j: number): boolean {
    return this.get('run', i) === this.get('run', j);
  }

  /** The last point up to `last` that trusted steps join to the one at `i`. */
  endOfRun(i: number, last: number): number {
    const run = this.get('run', i);
    return this.get('run', last) === run ? last : this.#search(k => this.get('run', k) <= run);
  }

  /** Adds the newest point; the same update seen twice becomes one point with the tighter interval. */
  push(point: Point): void {
    if (this.#size === this.#capacity && this.#size < this.#most) this.#grow();
    const { lo, hi, from, to, tornNs, value, run, doubtLow, doubtHigh, isCatchUp } = this.#columns;
    let [leastLo, leastHi, leastFrom, leastTo] = [-Infinity, -Infinity, -Infinity, -Infinity];
    if (this.#size > 0) {
      const k = this.#index(this.#size - 1);
      if (value[k] === point.value && run[k] === point.run && point.from <= to[k]!) {
        lo[k] = Math.max(point.lo, lo[k]!);
        from[k] = Math.max(point.from, from[k]!);
        this.#tightenBack(hi, lo, point.hi);
        this.#tightenBack(to, from, point.to);
        return;
      }
      leastLo = lo[k]!;
      leastHi = Math.max(point.lo, leastLo);
      leastFrom = from[k]!;
      leastTo = Math.max(point.from, leastFrom);
      this.#tightenBack(hi, lo, Math.max(point.hi, leastHi));
      this.#tightenBack(to, from, Math.max(point.to, leastTo));
    }
    if (this.#size === this.#capacity) this.#first = (this.#first + 1) % this.#capacity;
    else this.#size++;
    const k = this.#index(this.#size - 1);
    lo[k] = Math.max(point.lo, leastLo);
    hi[k] = Math.max(point.hi, leastHi);
    from[k] = Math.max(point.from, leastFrom);
    to[k] = Math.max(point.to, leastTo);
    tornNs[k] = point.tornNs ?? 0;
    value[k] = point.value;
    run[k] = point.run;
    doubtLow[k] = point.doubtLow;
    doubtHigh[k] = point.doubtHigh;
    isCatchUp[k] = point.isCatchUp ?? 0;
  }

  /** Index of the last point whose moment is at or before `ns`, -1 when there is none. */
  before(ns: number): number {
    return this.#search(i => this.at(i) <= ns);
  }

  /** Index of the last point that happened for certain at or before `ns`, -1 when there is none. */
  surelyBefore(ns: number): number {
    return this.#search(i => this.get('hi', i) <= ns);
  }

  /** Index of the first point that happened for certain at or after `ns`; `size` when there is none. */
  surelyAfter(ns: number): number {
    return this.#search(i => this.get('lo', i) < ns) + 1;
  }

  #search(isBefore: (i: number) => boolean): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(middle)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #grow(): void {
    const columns = columnsOf(Math.min(this.#most, 4 * this.#capacity));
    for (const field of FIELDS) {
      for (let i = 0; i < this.#size; i++) columns[field][i] = this.get(field, i);
    }
    this.#columns = columns;
    this.#capacity = columns.lo.length;
    this.#first = 0;
  }

  #index(i: number): number {
    const k = this.#first + i;
    return k < this.#capacity ? k : k - this.#capacity;
  }

  /** Updates come in order, so no older one can be later than the newest. */
  #tightenBack(upper: Float64Array, lower: Float64Array, limit: number): void {
    for (let i = this.#size - 1; i >= 0; i--) {
      const k = this.#index(i);
      if (upper[k]! <= limit) return;
      upper[k] = Math.max(limit, lower[k]!);
    }
  }
}

function columnsOf(capacity: number): Columns {
  const column = () => new Float64Array(capacity);
  return {
    lo: column(),
    hi: column(),
    from: column(),
    to: column(),
    tornNs: column(),
    value: column(),
    run: column(),
    doubtLow: column(),
    doubtHigh: column(),
    isCatchUp: column()
  };
}
