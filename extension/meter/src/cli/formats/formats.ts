import type { Execution } from '../../execution.ts';
import { codecarbonHeader, codecarbonRow } from './codecarbon.ts';
import { csvHeader, csvRow } from './csv.ts';

/** How an export is written: what stands before, between and after the executions. */
export interface ExportFormat {
  head: string;
  row: (execution: Execution) => string;
  between: string;
  tail: string;
}

/** The formats of `joulebook export`, by name. */
export const exportFormats = {
  jsonl: { head: '', row: each => `${JSON.stringify(each)}\n`, between: '', tail: '' },
  json: { head: '[\n', row: each => JSON.stringify(each), between: ',\n', tail: '\n]\n' },
  csv: { head: csvHeader, row: csvRow, between: '', tail: '' },
  codecarbon: { head: codecarbonHeader, row: codecarbonRow, between: '', tail: '' }
} as const satisfies Record<string, ExportFormat>;

/** The name of a format. */
export type ExportFormatName = keyof typeof exportFormats;
