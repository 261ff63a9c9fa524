import type { TranslationBundle } from '@jupyterlab/translation';
import type { Formatter } from '../format/formatter';
import type { Row } from '../model/row';
import { type Part, PARTS } from '../model/split';
import { partName } from './part-names';

/** A cell that has run for less, in s, may have no reading yet: that is no reason to say so. */
const FIRST_READING_SECONDS = 1;

/** How a row's status is coloured. */
export type Tone = 'plain' | 'live' | 'bad' | 'quiet';

/** The tone of a row's status. */
export function toneOf(row: Row): Tone {
  switch (row.status) {
    case 'running':
      return 'live';
    case 'queued':
    case 'aborted':
      return 'quiet';
    case 'ok':
      return 'plain';
    default:
      return 'bad';
  }
}

/** The execution count as Jupyter writes it in the prompt. */
export function promptOf(row: Row): string {
  if (row.status === 'queued' || row.status === 'running') return '[*]';
  return `[${row.execution?.execution_count ?? ' '}]`;
}

/** What happened to the cell, when it is not plain success; '' for a cell that simply ran. */
export function statusText(row: Row, format: Formatter, trans: TranslationBundle): string {
  const after = row.seconds === null ? '' : format.duration(row.seconds);
  switch (row.status) {
    case 'queued':
      return trans.__('waiting');
    case 'running':
      return row.elapsed === null ? trans.__('running') : '';
    case 'error':
      return trans.__('failed after %1', after);
    case 'interrupted':
      return trans.__('interrupted after %1', after);
    case 'died':
      return trans.__('the kernel died after %1', after);
    case 'aborted':
      return trans.__('not run: an earlier cell failed');
    case 'lost':
      return trans.__('its end was never heard');
    case 'ok':
      return '';
  }
}

/** The line under a cell's bar: time, mean power, CPU use, and what to know about them. */
export function metaText(row: Row, format: Formatter, trans: TranslationBundle): string {
  if (row.stale) return trans.__('edited since it was measured');
  const status = statusText(row, format, trans);
  const parts = status ? [status] : row.seconds === null ? [] : [format.duration(row.seconds)];
  if (row.energy.below && row.seconds !== null) parts.push(trans.__('too short to resolve'));
  const awaits = row.elapsed !== null && row.elapsed < FIRST_READING_SECONDS;
  const isMissing = row.energy.kind === 'missing' && row.status !== 'aborted';
  if (isMissing && row.execution && !awaits) {
    parts.push(format.missing(row.energy.reason));
  }
  if (row.elapsed !== null) parts.push(format.duration(row.elapsed));
  if (row.watts) parts.push(format.power(row.watts.value, row.watts.low, row.watts.high));
  const gap = gapSeconds(row); // before what may be cut off in a narrow panel
  if (gap > 0) parts.push(trans.__('no readings for %1', format.duration(gap)));
  const cpu = row.execution?.cpu_seconds;
  const seconds = row.seconds ?? row.elapsed;
  if (cpu && seconds && seconds > 0.1) {
    parts.push(trans.__('%1 cores', format.quantity(cpu / seconds, 0.5)));
  }
  if (row.times > 1) parts.push(trans.__('%1 times', row.times));
  return parts.join(' · ');
}

/** How the cell's energy splits among the parts of the machine; '' where only one part is known. */
export function splitText(row: Row, format: Formatter, trans: TranslationBundle): string {
  const parts = PARTS.filter(part => row.split[part] > 0);
  const sum = parts.reduce((total, part) => total + row.split[part], 0);
  if (parts.length < 2) return '';
  const words = (part: Part): string =>
    trans.__('%1 %2', partName(part, trans), format.share(row.split[part] / sum));
  return parts.map(words).join(', ');
}

/** A whole row in one sentence, for screen readers. */
export function spokenRow(row: Row, format: Formatter, trans: TranslationBundle): string {
  const count = row.execution?.execution_count;
  const name = count ? trans.__('Cell %1', count) : trans.__('Cell at position %1', row.index + 1);
  const energy = row.execution ? format.energy(row.energy).text : '';
  const parts = [name, row.line, energy, splitText(row, format, trans)];
  return [...parts, metaText(row, format, trans)].filter(Boolean).join(', ');
}

/** The longest time for which one domain of the row has no readings, in seconds. */
function gapSeconds(row: Row): number {
  const byDomain = new Map<string, number>();
  for (const { domain, from_ns, to_ns } of row.execution?.gaps ?? []) {
    byDomain.set(domain, (byDomain.get(domain) ?? 0) + (to_ns - from_ns) / 1e9);
  }
  return Math.max(0, ...byDomain.values());
}
