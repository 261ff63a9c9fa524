import { MeterError } from '../../errors.ts';
import type { Output } from '../context.ts';
import type { NotebookResult } from './notebook.ts';

/** Tells of which cells the energy went with a meter that left for good, and what to do. */
export function noteLostMeter(output: Output, { reports, options }: NotebookResult): void {
  for (const [index, { meterLost, unmetered }] of reports.entries()) {
    if (meterLost === null || unmetered.length === 0) continue;
    const cells = listOf(unmetered.map(cell => cell.index + 1));
    const where = options.repeat > 1 ? ` in repetition ${index + 1}` : '';
    const kept = reports.at(-1)?.isWritten ? `; ${options.output} holds the rest` : '';
    output.note(
      `warning: no energy of ${cells}${where}, since the meter left while this ran ` +
        `(${meterLost})${kept}; joulebook doctor says what the meter lacks, then run it again`
    );
  }
}

/** What to say of a run that was stopped since nobody watched its budget any more, and what to do. */
export function budgetUnmetered({ reports }: NotebookResult, budget: number | undefined) {
  const { planned = 0, cells = [], meterLost = null } = reports.at(-1) ?? {};
  return new MeterError(
    'cli/budget-unmetered',
    `nobody could watch the budget of ${budget} J to the end, since the meter left for good ` +
      `(${meterLost}): ${planned - cells.length} of ${planned} cells were not executed; joulebook ` +
      'doctor says what the meter lacks, then run it again, or without --budget'
  );
}

/** Numbers of cells in words: `cell 3`, `cells 1 and 3`, `cells 2 to 9 and 12`. */
export function listOf(cells: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const cell of cells) {
    const last = spans.at(-1);
    if (last?.[1] === cell - 1) last[1] = cell;
    else spans.push([cell, cell]);
  }
  const parts = spans.flatMap(([from, to]) =>
    to - from > 1 ? [`${from} to ${to}`] : [...new Set([from, to])].map(String)
  );
  const [end = ''] = parts.splice(-1);
  const said = parts.length > 0 ? `${parts.join(', ')} and ${end}` : end;
  return `${cells.length === 1 ? 'cell' : 'cells'} ${said}`;
}
