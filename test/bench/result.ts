/** One row of a benchmark: ours beside the other's, in one run. */
export interface BenchResult {
  /** What was measured, with its conditions. */
  name: string;
  /** Our figure. */
  ours: number;
  /** The other's figure in the same run; null where there is nothing to compare with. */
  other: number | null;
  /** ours / other; null without another. */
  ratio: number | null;
  /** Unit of `ours` and `other`. */
  unit: string;
  /** The goal in words, such as `at most 1.5 %`. */
  goal: string;
  /** Whether the goal was met in this run. */
  met: boolean;
}

/** What `npm run bench -- NAME --json FILE` writes. */
export interface BenchReport {
  bench: string;
  /** ISO 8601. */
  date: string;
  /** Processor, cores, memory, Node: what the figures belong to. */
  machine: string;
  results: BenchResult[];
}

/** The report for a terminal: a heading, the machine, the table. */
export function markdown({ bench, date, machine, results }: BenchReport): string {
  return `### ${bench}, ${date.slice(0, 10)}\n\n${machine}\n\n${table(results)}\n`;
}

/** The results as a Markdown table, a row each. */
export function table(results: readonly BenchResult[]): string {
  const rows = results.map(({ name, ours, other, ratio, unit, goal, met }) =>
    row([name, `${figure(ours)} ${unit}`, figure(other), figure(ratio), goal, met ? 'yes' : 'no'])
  );
  return [
    row(['what', 'ours', 'other', 'ratio', 'goal', 'met']),
    row(['-', '-', '-', '-', '-', '-']),
    ...rows
  ].join('\n');
}

function row(cells: string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function figure(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(3)));
}
