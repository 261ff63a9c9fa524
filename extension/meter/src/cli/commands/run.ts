import { relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Option, type Command } from 'commander';
import type { ApiClient } from '../../api/client.ts';
import { MeterError } from '../../errors.ts';
import type { Policy } from '../../execution.ts';
import { policies } from '../../store/settings.ts';
import { secondsIn } from '../arguments.ts';
import { withDaemon } from '../connect.ts';
import type { CliContext } from '../context.ts';
import { CommandFailed } from '../exit.ts';
import { formatEnergy } from '../format.ts';
import { awaitGreenest } from '../run/greenest.ts';
import { carbonLine, impactOfRuns } from '../run/impact.ts';
import { runNotebook, sumOf, type NotebookResult } from '../run/notebook.ts';
import { notebooksOf, outputsOf, parametersOf } from '../run/plan.ts';
import type { RunFailure } from '../run/report.ts';
import { budgetUnmetered, noteLostMeter } from '../run/lost-meter.ts';
import { resultOf, resultOfAll } from '../run/result.ts';
import { oneLine } from '../table.ts';

interface Options {
  output?: string;
  policy?: Policy;
  budget?: number;
  kernel?: string;
  folder?: string;
  parameter: string[];
  parameters?: string;
  repeat: number;
  greenest?: boolean;
  within?: number;
  expect?: number;
  metadata?: boolean;
  json?: boolean;
}

const exitCodesSaid = `
Exit code:
  0  every cell ran; energies may be missing, each with its reason
  1  a cell failed, the run was interrupted or its budget spent; or, with --metadata or --budget,
     the meter left for good: the notebook is written all the same, and the cells without energy
     are named; with --budget, which nobody watches then, the running cell is interrupted
  2  wrong usage`;

/** How long `--greenest` waits at most, unless told, in seconds. */
const defaultWithin = 12 * 3600;

/** Adds `joulebook run`. */
export function addRun(program: Command, context: CliContext): void {
  program
    .command('run')
    .description('Execute notebooks without a browser and tell the energy of each cell')
    .argument('<notebooks...>', 'notebooks, or folders of them')
    .option('--output <path>', 'write what was executed: a file (*.ipynb) or a folder')
    .addOption(
      new Option('--policy <name>', 'how energy is split while this runs').choices(policies)
    )
    .option('--budget <joules>', 'interrupt the run when this much is spent', joulesOf)
    .option('--kernel <name>', 'the kernel to use instead of the one the notebook names')
    .option('--folder <path>', 'the folder to run in; default: where the notebook lies')
    .option('-p, --parameter <name=value>', 'set a parameter, again for more', collect, [])
    .option('--parameters <file>', 'set the parameters that a JSON file holds')
    .option('--repeat <times>', 'run each so often: the mean energy and its interval', timesOf, 1)
    .option('--greenest', 'wait for the time of least carbon in the forecast of the grid')
    .option('--within <time>', 'with --greenest: begin within this time (30m, 12h, 2d)', secondsIn)
    .option('--expect <time>', 'with --greenest: how long the run takes', secondsIn)
    .option('--metadata', 'write the energy into the metadata of the output')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', exitCodesSaid)
    .action(async (paths: string[], options: Options) => {
      const runs = plan(paths, options);
      await withDaemon(context, async client => {
        if (options.greenest) await putOff(context, client, runs, options);
        await runAll(context, client, runs, options);
      });
    });
}

function plan(paths: string[], options: Options) {
  if (options.metadata && options.output === undefined) {
    throw new MeterError('cli/bad-argument', '--metadata needs --output to write to');
  }
  const notebooks = notebooksOf(paths);
  const outputs = outputsOf(notebooks, options.output);
  const parameters = parametersOf(options.parameters, options.parameter);
  return notebooks.map((notebook, index) => ({ notebook, output: outputs[index], parameters }));
}

function putOff(
  { output }: CliContext,
  client: ApiClient,
  runs: ReturnType<typeof plan>,
  { within = defaultWithin, expect, repeat }: Options
): Promise<void> {
  const notebooks = runs.flatMap(({ notebook }) => Array<string>(repeat).fill(notebook));
  const say = (line: string) => output.note(line);
  return awaitGreenest(client, { notebooks, withinSeconds: within, expectSeconds: expect, say });
}

async function runAll(
  context: CliContext,
  client: ApiClient,
  runs: ReturnType<typeof plan>,
  { json, budget, kernel, policy, repeat, metadata, folder: where }: Options
): Promise<void> {
  const { output } = context;
  // Whoever asks for JSON may watch all the same.
  const place = json ? output.aside : output;
  const progress = !json || place.isTerminal ? place : undefined;
  const folder = where === undefined ? undefined : resolve(where);
  const results: NotebookResult[] = [];
  const meter = metadata ? await client.status() : undefined;
  for (const planned of runs) {
    if (runs.length > 1) progress?.line(place.style('bold', shortOf(planned.notebook)));
    const spent = sumOf(results.flatMap(({ reports }) => reports)).joules ?? 0;
    const left = budget === undefined ? undefined : budget - spent;
    const options = {
      ...planned,
      kernel,
      folder,
      policy,
      repeat,
      meter,
      progress,
      budget: left
    };
    const result = await runNotebook(context, client, options);
    results.push(result);
    noteLostMeter(output, result);
    if (!json) tell(context, result, budget);
    if (result.end !== 'completed') break;
  }
  const [first] = results;
  const impact = await impactOfRuns(
    client,
    results.flatMap(({ reports }) => reports)
  );
  if (json && first !== undefined) {
    const result =
      runs.length === 1 ? resultOf(first, budget) : resultOfAll(results, runs.length, budget);
    output.json({ ...result, impact });
  } else {
    if (runs.length > 1) tellAll(context, results, runs.length);
    const line = carbonLine(impact);
    if (line !== '') output.line(line);
  }
  const last = results.at(-1);
  if (last?.end === 'unmetered') throw budgetUnmetered(last, budget);
  const end = last?.end ?? 'completed';
  const reports = results.flatMap(each => each.reports);
  const isUnmetered = metadata && reports.some(({ unmetered }) => unmetered.length > 0);
  if (end !== 'completed' || isUnmetered) throw new CommandFailed(end);
}

function tell({ output }: CliContext, result: NotebookResult, budget: number | undefined): void {
  const report = result.reports.at(-1);
  if (report === undefined) return;
  const { cells, planned, total, failure } = report;
  if (cells.length > 0) {
    output.line();
    output.line(output.style('bold', `total  ${formatEnergy(total)}`));
  }
  if (result.mean !== null) {
    const count = `${result.mean.repetitions} repetitions`;
    output.line(output.style('bold', `mean   ${formatEnergy(result.mean)} of ${count}`));
  }
  const unseen = cells.filter(cell => report.energyOf(cell).joules === null).length;
  if (unseen > 0) output.line(`       without ${unseen} of ${cells.length} cells, see above`);
  const left = planned - cells.length;
  if (result.end === 'budget') {
    const red = output.style('red', `stopped: the budget of ${budget} J is spent`);
    output.line(`${red}; ${left} of ${planned} cells not executed`);
  } else if (failure !== null && result.end !== 'unmetered')
    tellFailure(output.note.bind(output), failure);
}

function tellAll({ output }: CliContext, results: NotebookResult[], planned: number): void {
  const total = sumOf(results.flatMap(({ reports }) => reports));
  const done = results.filter(({ end }) => end === 'completed').length;
  output.line();
  output.line(output.style('bold', `all    ${formatEnergy(total)}, ${done} of ${planned} done`));
}

function tellFailure(note: (text: string) => void, failure: RunFailure): void {
  const where = failure.index === null ? '' : `cell ${failure.index + 1}: `;
  note(`${where}${oneLine(`${failure.name}: ${failure.message}`)}`);
  if (failure.traceback !== '') note(stripVTControlCharacters(failure.traceback).trim());
}

/** A path as seen from here, where that is shorter. */
function shortOf(path: string): string {
  const here = relative(process.cwd(), path);
  return here.length < path.length ? here : path;
}

function joulesOf(text: string): number {
  const joules = Number(text);
  if (!(joules > 0) || !Number.isFinite(joules)) {
    throw new MeterError('cli/bad-argument', `expected --budget in joules above 0, got ${text}`);
  }
  return joules;
}

function timesOf(text: string): number {
  const times = Number(text);
  if (!Number.isInteger(times) || times < 1 || times > 10_000) {
    throw new MeterError('cli/bad-argument', `expected --repeat from 1 to 10000, got ${text}`);
  }
  return times;
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
