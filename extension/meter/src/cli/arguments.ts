import { resolve } from 'node:path';
import { MeterError } from '../errors.ts';

const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Reads a moment: an ISO 8601 date or date and time (local unless it names a zone), or a time back
 * from now such as `30m`, `12h`, `7d`, `2w`.
 * @returns ISO 8601 in UTC.
 * @throws MeterError `cli/bad-argument`
 */
export function momentOf(text: string, now: Date = new Date()): string {
  const back = /^(?<count>\d{1,6})(?<unit>[mhdw])$/.exec(text)?.groups;
  const factor = unitMs[back?.['unit'] ?? ''];
  if (factor !== undefined) {
    return new Date(now.getTime() - Number(back?.['count']) * factor).toISOString();
  }
  // A date alone would count as UTC.
  const moment = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (!/^\d{4}-/.test(text) || Number.isNaN(moment.getTime())) {
    throw new MeterError(
      'cli/bad-argument',
      `expected a date (2026-11-24 or 2026-11-24T09:30) or a time back (12h, 7d), got ${text}`
    );
  }
  return moment.toISOString();
}

/**
 * Reads a length of time such as `30m`, `12h`, `2d`.
 * @returns seconds, above 0.
 * @throws MeterError `cli/bad-argument`
 */
export function secondsIn(text: string): number {
  const { count, unit } = /^(?<count>\d{1,6})(?<unit>[mhdw])$/.exec(text)?.groups ?? {};
  const seconds = (Number(count) * (unitMs[unit ?? ''] ?? NaN)) / 1000;
  if (seconds > 0) return seconds;
  throw new MeterError('cli/bad-argument', `expected a length of time (30m, 12h, 2d), got ${text}`);
}

/** What the options `--notebook` and `--since` of several commands ask for. */
export function filterOf(options: { notebook?: string; since?: string }) {
  return {
    ...(options.notebook === undefined ? {} : { notebook: resolve(options.notebook) }),
    ...(options.since === undefined ? {} : { since: momentOf(options.since) })
  };
}
