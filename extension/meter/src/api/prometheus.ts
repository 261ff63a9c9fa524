/** Labels of one series, by name. */
export type SeriesLabels = Record<string, string>;

/** One figure of a family. */
export interface Series {
  labels: SeriesLabels;
  value: number;
}

/** Figures of one name. */
export interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  series: Iterable<Series>;
}

/** Content type of the text format. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Families in Prometheus' text format.
 * @param families Their names differ.
 * @param everywhere Labels that every series gets besides its own.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText(families: readonly Family[], everywhere: SeriesLabels = {}): string {
  return families.map(family => textOf(family, everywhere)).join('\n');
}

/** Sums that only grow, by their labels. */
export class Sums implements Iterable<Series> {
  readonly #series = new Map<string, Series>();

  /** Adds to the sum of these labels; what is below 0 counts as 0. */
  add(labels: SeriesLabels, value: number): void {
    const key = labelText(labels);
    const series = this.#series.get(key) ?? { labels, value: 0 };
    series.value += Math.max(0, value);
    this.#series.set(key, series);
  }

  /** All sums. */
  [Symbol.iterator](): Iterator<Series> {
    return this.#series.values();
  }
}

function textOf({ name, help, type, series }: Family, everywhere: SeriesLabels): string {
  const lines = Array.from(
    series,
    ({ labels, value }) => `${name}${labelText({ ...labels, ...everywhere })} ${value}`
  );
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function labelText(labels: SeriesLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
