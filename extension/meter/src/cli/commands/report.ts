import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { footprint, formatAmount, storageEnergy, type ImpactNow } from 'kernel-helpers/impact';
import { filterOf } from '../arguments.ts';
import type { CliContext, Output } from '../context.ts';
import { formatBytes, formatEnergy, formatSeconds, formatWattHours } from '../format.ts';
import { historyPages } from '../history.ts';
import { impactNow } from '../impact-now.ts';
import { Collected } from '../report/collect.ts';
import { dataFolderOf } from '../report/folder-size.ts';
import { reportPage } from '../report/page.ts';
import { Summaries, type Summary } from '../summary.ts';
import { oneLine, shortened, table } from '../table.ts';
import { version } from '../../version.ts';

interface Options {
  notebook?: string;
  since?: string;
  json?: boolean;
  html?: string;
  data?: string;
}

/** Adds `joulebook report`. */
export function addReport(program: Command, context: CliContext): void {
  const { output } = context;
  program
    .command('report')
    .description('Sum up the history: energy of each notebook, or of each cell of one')
    .option('--notebook <path>', 'the cells of this notebook')
    .option('--since <time>', 'only what started since: 2026-11-24, 2026-11-24T09:30, 12h, 7d')
    .option('--html <file>', 'write a page with plots, impact and sources that needs nothing else')
    .option(
      '--data <folder>',
      "the notebook's data, kept for a year: default data beside --notebook"
    )
    .option('--json', 'print the sums and their impact as JSON')
    .action(async (options: Options) => {
      if (options.html !== undefined) {
        await writePage(context, options.html, options);
        output.line(resolve(options.html));
        return;
      }
      const byCell = options.notebook !== undefined;
      const sums = new Summaries(({ notebook, cell_id }) => (byCell ? cell_id : notebook));
      for await (const page of historyPages(context, filterOf(options))) {
        for (const execution of page) sums.add(execution);
      }
      const now = await impactNow(context);
      const [groups, all] = [sums.groups.map(withImpact(now)), withImpact(now)(sums.all)];
      const data = withStorage(dataFolderOf(options));
      if (options.json) output.json({ [byCell ? 'cells' : 'notebooks']: groups, total: all, data });
      else if (groups.length === 0) output.line(`nothing measured (${context.places.history})`);
      else print(output, groups, all, byCell ? 'cell' : 'notebook');
      if (!options.json && data !== null) {
        const { path, bytes, kept_for_a_year: kept } = data;
        output.line(`data ${path}: ${formatBytes(bytes)}, kept for a year ${formatAmount(kept)}`);
      }
    });
}

function withStorage(folder: ReturnType<typeof dataFolderOf>) {
  return folder && { ...folder, kept_for_a_year: storageEnergy(folder.bytes) };
}

type Weighed = Omit<Summary, 'carbon'> & { impact: ReturnType<typeof footprint> };

function withImpact(now: ImpactNow): (summary: Summary) => Weighed {
  return ({ carbon, ...summary }) => ({
    ...summary,
    impact: footprint(summary.total, carbon.figures(now), summary.seconds)
  });
}

async function writePage(context: CliContext, file: string, options: Options): Promise<void> {
  const collected = new Collected();
  collected.dataFolder = dataFolderOf(options);
  for await (const page of historyPages(context, filterOf(options))) {
    for (const execution of page) collected.add(execution);
  }
  const scope = [
    options.notebook === undefined ? 'all notebooks' : resolve(options.notebook),
    options.since === undefined ? '' : `since ${options.since}`
  ];
  const head = {
    title: 'Energy report',
    scope: scope.filter(Boolean).join(', '),
    version,
    madeAt: new Date().toISOString()
  };
  writeFileSync(file, reportPage(collected, await impactNow(context), head));
}

function print(output: Output, groups: Weighed[], all: Weighed, heading: string): void {
  const most = Math.max(20, output.columns - 60);
  const rows = [...groups, { ...all, name: 'total' }].map(summary => [
    shortened(oneLine(shown(summary.name)), most),
    String(summary.executions),
    formatSeconds(summary.seconds),
    formatEnergy(summary.total),
    summary.total.joules === null ? '' : formatWattHours(summary.total.joules),
    summary.impact.carbon === null ? '' : formatAmount(summary.impact.carbon.location)
  ]);
  const carbon = all.impact.carbon === null ? '' : 'CO2e';
  const lines = table([[heading, 'runs', 'time', 'energy', '', carbon], ...rows], 'lrrlll');
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
