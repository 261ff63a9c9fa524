import type { ImpactNow } from 'kernel-helpers/impact';
import type { Execution } from '../../execution.ts';
import { codecarbonHeader, codecarbonRow } from './codecarbon.ts';
import { csvHeader, csvRow } from './csv.ts';
import { huggingFace, impactFramework, methods, roCrate } from './sums.ts';

/** How an export is written: what stands before, between and after the executions. */
export interface ExportFormat {
  head: string;
  row: (execution: Execution) => string;
  between: string;
  /** Asked last, when all executions have been seen. */
  tail: () => string;
}

const rows = (head: string, row: ExportFormat['row']): ExportFormat => {
  return { head, row, between: '', tail: () => '' };
};

/** The formats of `joulebook export`, by name: each is made for one export, with the figures in force. */
export const exportFormats = {
  jsonl: () => rows('', each => `${JSON.stringify(each)}\n`),
  json: () => ({
    ...rows('[\n', each => JSON.stringify(each)),
    ...{ between: ',\n', tail: () => '\n]\n' }
  }),
  csv: now => rows(csvHeader, each => csvRow(each, now)),
  codecarbon: now => rows(codecarbonHeader, each => codecarbonRow(each, now)),
  huggingface: huggingFace,
  'impact-framework': impactFramework,
  'ro-crate': roCrate,
  methods
} as const satisfies Record<string, (now: ImpactNow) => ExportFormat>;

/** The name of a format. */
export type ExportFormatName = keyof typeof exportFormats;

/** What each format is, for the command's help. */
export const formatHelp =
  'jsonl: one execution a line; json; csv; codecarbon: emissions.csv; huggingface: co2_eq_emissions of a model ' +
  'card; impact-framework: a manifest; ro-crate: a citation for machines; methods: a paragraph for a paper';
