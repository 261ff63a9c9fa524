import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ApiClient } from '../../api/client.ts';
import type { Status } from '../../api/schemas/status.ts';
import type { Policy } from '../../execution.ts';
import { holdDaemon } from '../connect.ts';
import type { CliContext, Output } from '../context.ts';
import { EnergySum } from '../energy-sum.ts';
import { writeMetadata } from './metadata.ts';
import { methodsOf } from './methods.ts';
import type { Parameters } from './plan.ts';
import { meanEnergy, type MeanEnergy } from './repetitions.ts';
import { RunReport } from './report.ts';
import { run, type RunEnd } from './run.ts';
import { RunView } from './view.ts';

/** How a notebook is run. */
export interface NotebookOptions {
  /** Absolute. */
  notebook: string;
  /** Where to write it, absolute; undefined writes nothing. */
  output: string | undefined;
  kernel: string | undefined;
  /** Where the kernel runs, absolute; undefined: where the notebook lies. */
  folder: string | undefined;
  parameters: Parameters;
  /** How the energy of its kernel is split; undefined: as the settings say. */
  policy: Policy | undefined;
  /** How often it runs, 1 or more. */
  repeat: number;
  /** Joules that may still be spent. */
  budget: number | undefined;
  /** The meter before the run: set where the energy goes into the written notebook, with how it was measured. */
  meter: Status | undefined;
  /** Where to show how it goes; undefined: nowhere. */
  progress: Output | undefined;
}

/** What running a notebook gave. */
export interface NotebookResult {
  options: NotebookOptions;
  end: RunEnd;
  /** One a repetition; the last may have ended early. */
  reports: RunReport[];
  /** The mean of the repetitions that were completed; null where there is only one. */
  mean: MeanEnergy | null;
}

/** Runs a notebook as often as asked, until one run does not come to its end. */
export async function runNotebook(
  context: CliContext,
  client: ApiClient,
  options: NotebookOptions
): Promise<NotebookResult> {
  const reports: RunReport[] = [];
  let end: RunEnd = 'completed';
  while (reports.length < options.repeat && end === 'completed') {
    const report = new RunReport();
    const left =
      options.budget === undefined ? undefined : options.budget - (sumOf(reports).joules ?? 0);
    reports.push(report);
    if (options.repeat > 1) {
      options.progress?.line(`repetition ${reports.length} of ${options.repeat}`);
    }
    end = await runOnce(context, client, report, { ...options, budget: left });
  }
  const ended = end === 'completed' ? reports : reports.slice(0, -1);
  // A sum without the cells that the meter left would make the mean too small.
  const complete = ended.filter(({ unmetered }) => unmetered.length === 0);
  const several = options.repeat > 1 && complete.length > 0;
  const mean = several ? meanEnergy(complete.map(({ total }) => total)) : null;
  const result = { options, end, reports, mean };
  await write(client, result);
  return result;
}

async function runOnce(
  context: CliContext,
  client: ApiClient,
  report: RunReport,
  { notebook, output, kernel, folder, parameters, policy, budget, progress }: NotebookOptions
): Promise<RunEnd> {
  const { environment } = context;
  const view = progress && new RunView(progress, report);
  if (output !== undefined) mkdirSync(dirname(output), { recursive: true });
  return run(client, report, {
    python: environment['JOULEBOOK_PYTHON'] || 'python3',
    notebook,
    environment,
    output,
    kernel,
    folder,
    parameters,
    policy,
    budget,
    // The lease on the meter that died is gone; the new one is held until this command ends.
    ensureMeter: async () => void (await holdDaemon(context)),
    onChange: () => view?.update()
  }).finally(() => view?.end());
}

async function write(client: ApiClient, result: NotebookResult): Promise<void> {
  const { reports, mean } = result;
  const { output, meter, policy } = result.options;
  const report = reports.at(-1);
  if (output === undefined || meter === undefined || !report?.isWritten) return;
  const status = await client.status().catch(() => meter);
  const methods = methodsOf({ ...status, policy: policy ?? status.policy });
  const total = mean ?? report.total;
  const cells = result.end === 'completed' && mean !== null ? meansOf(reports) : new Map();
  writeMetadata(output, { report, total, cells, methods });
}

/** The mean of each cell over repetitions, by its index. */
export function meansOf(reports: readonly RunReport[]): Map<number, MeanEnergy> {
  const indices = reports[0]?.cells.map(({ index }) => index) ?? [];
  const energies = (index: number) =>
    reports.flatMap(report => {
      const cell = report.cells.find(each => each.index === index);
      return cell === undefined ? [] : [report.energyOf(cell)];
    });
  return new Map(indices.map(index => [index, meanEnergy(energies(index))]));
}

/** What runs have cost together. */
export function sumOf(reports: readonly RunReport[]) {
  const sum = new EnergySum();
  for (const { total } of reports) sum.add(total);
  return sum.total;
}
