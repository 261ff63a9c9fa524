import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Option, type Command } from 'commander';
import type { ApiClient } from '../../api/client.ts';
import { MeterError } from '../../errors.ts';
import type { Policy } from '../../execution.ts';
import { policies, type Settings } from '../../store/settings.ts';
import { ensureDaemon, withDaemon } from '../connect.ts';
import type { CliContext } from '../context.ts';
import { CommandFailed } from '../exit.ts';
import { formatEnergy } from '../format.ts';
import { writeMetadata } from '../run/metadata.ts';
import { RunReport, type RunFailure } from '../run/report.ts';
import { run, type RunEnd } from '../run/run.ts';
import { RunView } from '../run/view.ts';
import { oneLine } from '../table.ts';

interface Options {
  output?: string;
  policy?: Policy;
  budget?: number;
  kernel?: string;
  metadata?: boolean;
  json?: boolean;
}

/** Adds `joulebook run`. */
export function addRun(program: Command, context: CliContext): void {
  program
    .command('run')
    .description('Execute a notebook without a browser and tell the energy of each cell')
    .argument('<notebook>', 'path of the notebook')
    .option('--output <file>', 'write the executed notebook; may be the notebook itself')
    .addOption(
      new Option('--policy <name>', 'how energy is split while this runs').choices(policies)
    )
    .option('--budget <joules>', 'interrupt the run when this much is spent', joulesOf)
    .option('--kernel <name>', 'the kernel to use instead of the one the notebook names')
    .option('--metadata', 'write the energy into the metadata of the output')
    .option('--json', 'print the result as JSON')
    .action(async (notebook: string, options: Options) => {
      const path = resolve(notebook);
      if (!existsSync(path)) throw new MeterError('cli/bad-argument', `no notebook at ${path}`);
      if (options.metadata && options.output === undefined) {
        throw new MeterError('cli/bad-argument', '--metadata needs --output FILE to write to');
      }
      await withDaemon(context, client =>
        withPolicy(client, options.policy, () => runNotebook(context, client, path, options))
      );
    });
}

async function runNotebook(
  context: CliContext,
  client: ApiClient,
  notebook: string,
  options: Options
): Promise<void> {
  const { output, environment } = context;
  const report = new RunReport();
  const view = options.json ? undefined : new RunView(output, report);
  const written = options.output === undefined ? undefined : resolve(options.output);
  const end = await run(client, report, {
    python: environment['JOULEBOOK_PYTHON'] || 'python3',
    notebook,
    environment,
    output: written,
    kernel: options.kernel,
    budget: options.budget,
    ensureMeter: () => ensureDaemon(context),
    onChange: () => view?.update()
  }).finally(() => view?.end());
  if (options.metadata && written !== undefined) writeMetadata(written, report);
  if (options.json) output.json(resultOf(notebook, written, end, report, options));
  else tell(context, end, report, options);
  if (end !== 'completed') throw new CommandFailed(end);
}

function tell({ output }: CliContext, end: RunEnd, report: RunReport, { budget }: Options): void {
  const { cells, planned, total, failure } = report;
  output.line();
  output.line(output.style('bold', `total  ${formatEnergy(total)}`));
  const unseen = cells.filter(({ execution }) => execution?.total.joules == null).length;
  if (unseen > 0) output.line(`       without ${unseen} of ${cells.length} cells, see above`);
  const left = planned - cells.length;
  if (end === 'budget') {
    const red = output.style('red', `stopped: the budget of ${budget} J is spent`);
    output.line(`${red}; ${left} of ${planned} cells not executed`);
  } else if (failure !== null) tellFailure(output.note.bind(output), failure);
}

function tellFailure(note: (text: string) => void, failure: RunFailure): void {
  const where = failure.index === null ? '' : `cell ${failure.index + 1}: `;
  note(`${where}${oneLine(`${failure.name}: ${failure.message}`)}`);
  if (failure.traceback !== '') note(stripVTControlCharacters(failure.traceback).trim());
}

function resultOf(
  notebook: string,
  output: string | undefined,
  end: RunEnd,
  report: RunReport,
  options: Options
) {
  return {
    notebook,
    output: output ?? null,
    end,
    total: report.total,
    budget: options.budget ?? null,
    planned: report.planned,
    cells: report.cells,
    failure: report.failure
  };
}

/** Sets the meter's policy while `work` runs. */
async function withPolicy(
  client: ApiClient,
  policy: Policy | undefined,
  work: () => Promise<void>
): Promise<void> {
  if (policy === undefined) return work();
  const before = await client.get<Settings>('/v1/settings');
  await client.send('PUT', '/v1/settings', { policy });
  try {
    await work();
  } finally {
    await client.send('PUT', '/v1/settings', { policy: before.policy });
  }
}

function joulesOf(text: string): number {
  const joules = Number(text);
  if (!(joules > 0) || !Number.isFinite(joules)) {
    throw new MeterError('cli/bad-argument', `expected --budget in joules above 0, got ${text}`);
  }
  return joules;
}
