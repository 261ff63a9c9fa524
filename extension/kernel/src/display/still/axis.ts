type Kind = 'linear' | 'log' | 'date' | 'category';

interface AxisLayout {
  type?: unknown;
  title?: unknown;
  range?: unknown;
  autorange?: unknown;
}

/** One axis of a still picture: it learns its range from the values that are placed on it. Places are in its own unit: of a logarithmic axis, powers of ten. */
export class Axis {
  readonly title: string;
  readonly #layout: AxisLayout;
  readonly #categories: string[] = [];
  #kind: Kind | undefined;
  #low = Infinity;
  #high = -Infinity;

  /** Begins with what the figure's layout says of the axis. */
  constructor(layout: unknown) {
    this.#layout = layout ?? {};
    this.title = titleOf(this.#layout.title);
    const { type } = this.#layout;
    if (type === 'log' || type === 'date' || type === 'category') this.#kind = type;
  }

  /** The lowest place in sight. */
  get low(): number {
    return this.#low;
  }

  /** Whether the axis is logarithmic: its bars have no zero to stand on. */
  get isLog(): boolean {
    return this.#kind === 'log';
  }

  /** Where a value lies; `NaN` for one that is missing or that the axis cannot hold. */
  place(value: unknown): number {
    if (value === null || value === undefined) return NaN;
    this.#kind ??= kindOf(value);
    if (this.#kind === 'category') return this.#category(textOf(value));
    if (this.#kind === 'date') return typeof value === 'number' ? value : Date.parse(textOf(value));
    const number = Number(value);
    if (this.#kind === 'linear') return number;
    return number > 0 ? Math.log10(number) : NaN;
  }

  /** Extends the range to a place. */
  include(place: number): void {
    if (!Number.isFinite(place)) return;
    this.#low = Math.min(this.#low, place);
    this.#high = Math.max(this.#high, place);
  }

  /**
   * Ends the learning: the layout's own range holds, else that of the places.
   * @param room How much is added at both ends, as a part of the range.
   */
  settle(room: number): void {
    if (this.#low > this.#high) [this.#low, this.#high] = [0, 1];
    if (this.#low === this.#high) [this.#low, this.#high] = [this.#low - 0.5, this.#high + 0.5];
    const more = room * (this.#high - this.#low);
    [this.#low, this.#high] = [this.#low - more, this.#high + more];
    const { range } = this.#layout;
    if (!Array.isArray(range)) return;
    const [low = NaN, high = NaN] = range.map(end =>
      this.#kind === 'log' ? Number(end) : this.place(end)
    );
    if (Number.isFinite(low) && Number.isFinite(high) && low !== high) {
      [this.#low, this.#high] = [low, high];
    }
  }

  /** A place as a part of the axis, from its beginning. */
  part(place: number): number {
    const part = (place - this.#low) / (this.#high - this.#low);
    return this.#layout.autorange === 'reversed' ? 1 - part : part;
  }

  /** About five round places with their labels. */
  ticks(): [place: number, label: string][] {
    if (this.#kind === 'category') return this.#categories.map((name, at) => [at, name]);
    const [low, high] = [Math.min(this.#low, this.#high), Math.max(this.#low, this.#high)];
    const step = this.#kind === 'date' ? (high - low) / 4 : niceStep((high - low) / 5, this.isLog);
    const first = this.#kind === 'date' ? low + step / 2 : Math.ceil(low / step) * step;
    const found: [number, string][] = [];
    for (let at = first; at <= high; at += step) found.push([at, this.#label(at, high - low)]);
    return found;
  }

  #label(at: number, span: number): string {
    if (this.#kind !== 'date') return String(Number((this.isLog ? 10 ** at : at).toPrecision(4)));
    const text = new Date(at).toISOString();
    return span < 2 * 86_400_000 ? text.slice(11, 16) : text.slice(0, 10);
  }

  #category(text: string): number {
    if (!this.#categories.includes(text)) this.#categories.push(text);
    return this.#categories.indexOf(text);
  }
}

/** The text of a title as plotly takes it: alone, or as a member. */
export function titleOf(title: unknown): string {
  if (typeof title === 'string') return title;
  const { text } = (title ?? {}) as { text?: unknown };
  return typeof text === 'string' ? text : '';
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function kindOf(value: unknown): Kind {
  if (value instanceof Date) return 'date';
  if (typeof value !== 'string') return typeof value === 'number' ? 'linear' : 'category';
  if (value.trim() !== '' && Number.isFinite(Number(value))) return 'linear';
  return /^\d{4}-/.test(value) && !Number.isNaN(Date.parse(value)) ? 'date' : 'category';
}

function niceStep(rough: number, whole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(part => part * power).find(part => part >= rough) ?? rough;
  return whole ? Math.max(1, Math.round(step)) : step;
}
