import { meansOf, sumOf, type NotebookResult } from './notebook.ts';

/**
 * The result of running one notebook, as `--json` prints it. `total`, `cells` and `failure` are the
 * last repetition's; `repetitions`, `mean` and `cell_means` are there when it ran more than once.
 * `meter_lost` says why the meter left for good, or is null.
 */
export function resultOf(result: NotebookResult, budget: number | undefined) {
  const { options, end, reports, mean } = result;
  const report = reports.at(-1);
  const repeated = { mean, repetitions: reports.map(({ total }) => total), ...cellMeans(result) };
  return {
    notebook: options.notebook,
    output: options.output ?? null,
    end,
    total: report?.total ?? sumOf([]),
    budget: budget ?? null,
    planned: report?.planned ?? 0,
    cells: report?.cells ?? [],
    failure: report?.failure ?? null,
    meter_lost: reports.find(({ meterLost }) => meterLost !== null)?.meterLost ?? null,
    ...(options.repeat > 1 ? repeated : {})
  };
}

/**
 * The result of running several notebooks, as `--json` prints it.
 * @param planned How many should have run.
 */
export function resultOfAll(
  results: readonly NotebookResult[],
  planned: number,
  budget: number | undefined
) {
  return {
    end: results.at(-1)?.end ?? 'completed',
    total: sumOf(results.flatMap(({ reports }) => reports)),
    budget: budget ?? null,
    planned,
    notebooks: results.map(result => resultOf(result, budget))
  };
}

function cellMeans({ end, reports }: NotebookResult) {
  if (end !== 'completed') return {};
  const means = [...meansOf(reports)].map(([index, energy]) => ({ index, ...energy }));
  return { cell_means: means };
}
