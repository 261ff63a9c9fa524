import type { Energy } from '../energy.ts';
import { HelperError } from '../errors.ts';
import { checkAmount, convert, kilowattHours, scaleBy, type Amount } from './amount.ts';
import type { Coefficient } from './coefficient.ts';
import { forecastError } from './table.ts';

/** One stretch of a forecast. */
export interface ForecastSpan {
  /** ISO 8601. */
  readonly from: string;
  /** ISO 8601, after `from`. */
  readonly to: string;
  /** What the grid is expected to emit per kWh. */
  readonly grams_per_kwh: number;
}

/** When to run, against running now. */
export interface Window {
  /** When to begin, ISO 8601 in UTC. */
  readonly start: string;
  /** Seconds from now to then; 0 when now is best. */
  readonly waitSeconds: number;
  /** Mean intensity of the window, g/kWh. */
  readonly gramsPerKwh: number;
  /** Mean intensity of running now, g/kWh. */
  readonly nowGramsPerKwh: number;
}

/** What is to be run, and until when it may wait. */
export interface Job {
  /** How long it takes. Below `shortestJobSeconds` no window is offered. */
  readonly seconds: number;
  /** The job must have begun within this time. */
  readonly withinSeconds: number;
  /** The present. @default the clock's */
  readonly now?: Date;
}

/** Jobs shorter than this, in seconds, are not worth moving: their few grams lie within the forecast's error. */
export const shortestJobSeconds = 600;

/**
 * Finds the time to begin at which a job runs on the least carbon, by sliding it over a forecast.
 * @param forecast Spans in order, each ending where the next begins.
 * @param job How long it takes and how long it may wait.
 * @returns The best window; the earliest of several that are as good.
 * @throws HelperError `impact/too-short` for a job of less than 10 minutes, `impact/forecast` when the forecast is empty, out of order,
 *   has gaps or absurd values, begins after now, or ends before the job would; `impact/value` for a zero duration.
 */
export function greenestWindow(forecast: readonly ForecastSpan[], job: Job): Window {
  checkAmount('a duration in seconds', job.seconds, true);
  checkAmount('a time to wait in seconds', job.withinSeconds);
  if (job.seconds < shortestJobSeconds) {
    throw new HelperError(
      'impact/too-short',
      `a job of ${Math.round(job.seconds)} s saves nothing worth claiming: shifting is offered from ${shortestJobSeconds / 60} minutes on; run it now`
    );
  }
  const spans = checkedSpans(forecast);
  const now = (job.now ?? new Date()).getTime();
  const length = job.seconds * 1000;
  const [first, last] = [spans[0] as Span, spans.at(-1) as Span];
  const latest = Math.min(now + job.withinSeconds * 1000, last.to - length);
  if (now < first.from || now > latest) throw outside(now, first, last, length);
  // The mean changes linearly between these, so the least is at one of them.
  const edges = spans.flatMap(({ from, to }) => [from, from - length, to - length]);
  const starts = [now, ...edges.filter(at => at > now && at <= latest), latest];
  const best = starts
    .sort((a, b) => a - b)
    .map(at => ({ at, mean: meanOf(spans, at, at + length) }))
    .reduce((a, b) => (b.mean < a.mean - 1e-9 ? b : a));
  return {
    start: new Date(best.at).toISOString(),
    waitSeconds: (best.at - now) / 1000,
    gramsPerKwh: best.mean,
    nowGramsPerKwh: meanOf(spans, now, now + length)
  };
}

/**
 * What waiting for a window saves. Forecasts err, in both windows: the range holds that, and reaches 0 where the two lie no further apart.
 * @param energy What the job is expected to use.
 * @param window From `greenestWindow`.
 * @param pue What the facility draws per kWh that the machine draws. @default none: 1
 * @param error By which share forecasts miss; its high end counts. @default `forecastError`
 * @returns Grams, at least 0; null when the energy is missing. Modelled: a forecast is no measurement.
 */
export function savings(
  energy: Energy,
  { gramsPerKwh, nowGramsPerKwh }: Window,
  pue?: Coefficient<'1'>,
  error: Coefficient<'1'> = forecastError
): Amount<'g', 'modelled'> | null {
  const kwh = kilowattHours(energy);
  if (kwh === null) return null;
  const facility: Amount<'kWh'> = pue ? scaleBy(kwh, pue) : kwh;
  const value = Math.max(0, nowGramsPerKwh - gramsPerKwh);
  const missed = error.high * Math.hypot(nowGramsPerKwh, gramsPerKwh);
  const less: Coefficient<'g/kWh', 'modelled'> = {
    ...{ id: 'forecast/difference', title: 'difference of two forecast windows' },
    ...{ value, low: Math.max(0, value - missed), high: value + missed, unit: 'g/kWh' },
    ...{ year: error.year, source: error.source, licence: error.licence, kind: 'modelled' }
  };
  return { ...convert(facility, less), kind: 'modelled' };
}

interface Span {
  from: number;
  to: number;
  grams: number;
}

/** No grid has come near this many grams per kWh; lignite alone is 1,100. */
export const mostGramsPerKwh = 2000;

function checkedSpans(forecast: readonly ForecastSpan[]): Span[] {
  if (forecast.length === 0) throw refused('no forecast to choose from: the service gives none');
  const spans = forecast.map(({ from, to, grams_per_kwh: grams }) => ({
    from: Date.parse(from),
    to: Date.parse(to),
    grams
  }));
  spans.forEach(({ from, to, grams }, index) => {
    const { from: text } = forecast[index] as ForecastSpan;
    if (!(from < to)) throw refused(`expected a span that begins before it ends, got ${text}`);
    if (!(grams >= 0 && grams <= mostGramsPerKwh)) {
      throw refused(`expected 0 to ${mostGramsPerKwh} g/kWh, got ${String(grams)} at ${text}`);
    }
    const next = spans[index + 1];
    if (next && next.from !== to) throw refused(`expected spans without gaps, got one at ${text}`);
  });
  return spans;
}

function outside(now: number, first: Span, last: Span, length: number): HelperError {
  const [at, from, to] = [now, first.from, last.to].map(time => new Date(time).toISOString());
  return refused(
    `expected a forecast that covers now and ${Math.round(length / 60_000)} minutes from then, ` +
      `got one from ${from} to ${to} at ${at}; check the clock, or wait for a newer forecast`
  );
}

function meanOf(spans: readonly Span[], from: number, to: number): number {
  const gramMs = spans.reduce((sum, span) => {
    const overlap = Math.min(to, span.to) - Math.max(from, span.from);
    return overlap > 0 ? sum + overlap * span.grams : sum;
  }, 0);
  return gramMs / (to - from);
}

function refused(message: string): HelperError {
  return new HelperError('impact/forecast', message);
}
