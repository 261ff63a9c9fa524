import { homedir } from 'node:os';
import type { Command } from 'commander';
import { filterOf } from '../arguments.ts';
import type { CliContext, Output } from '../context.ts';
import { formatEnergy, formatSeconds, formatWattHours } from '../format.ts';
import { historyPages } from '../history.ts';
import { Summaries, type Summary } from '../summary.ts';
import { oneLine, shortened, table } from '../table.ts';

interface Options {
  notebook?: string;
  since?: string;
  json?: boolean;
}

/** Adds `joulebook report`. */
export function addReport(program: Command, context: CliContext): void {
  const { output } = context;
  program
    .command('report')
    .description('Sum up the history: energy of each notebook, or of each cell of one')
    .option('--notebook <path>', 'the cells of this notebook')
    .option('--since <time>', 'only what started since: 2026-11-24, 2026-11-24T09:30, 12h, 7d')
    .option('--json', 'print the sums as JSON')
    .action(async (options: Options) => {
      const byCell = options.notebook !== undefined;
      const sums = new Summaries(({ notebook, cell_id }) => (byCell ? cell_id : notebook));
      for await (const page of historyPages(context, filterOf(options))) {
        for (const execution of page) sums.add(execution);
      }
      const { groups, all } = sums;
      if (options.json) output.json({ [byCell ? 'cells' : 'notebooks']: groups, total: all });
      else if (groups.length === 0) output.line(`nothing measured (${context.places.history})`);
      else print(output, groups, all, byCell ? 'cell' : 'notebook');
    });
}

function print(output: Output, groups: Summary[], all: Summary, heading: string): void {
  const most = Math.max(20, output.columns - 60);
  const rows = [...groups, { ...all, name: 'total' }].map(summary => [
    shortened(oneLine(shown(summary.name)), most),
    String(summary.executions),
    formatSeconds(summary.seconds),
    formatEnergy(summary.total),
    summary.total.joules === null ? '' : formatWattHours(summary.total.joules)
  ]);
  const lines = table([[heading, 'runs', 'time', 'energy', ''], ...rows], 'lrrll');
  const last = lines.length - 1;
  lines.forEach((line, n) =>
    output.line(n === 0 || n === last ? output.style('bold', line) : line)
  );
  if (all.without_energy > 0) {
    output.line(
      `${all.without_energy} of ${all.executions} runs have no energy: see joulebook doctor`
    );
  }
}

function shown(name: string | null): string {
  if (name === null) return '(not known)';
  const home = `${homedir()}/`;
  return name.startsWith(home) ? `~/${name.slice(home.length)}` : name;
}
