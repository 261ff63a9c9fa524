import { setTimeout as sleep } from 'node:timers/promises';
import {
  formatAmount,
  greenestWindow,
  savings,
  shortestJobSeconds,
  type ImpactNow,
  type Window
} from 'kernel-helpers/impact';
import type { ApiClient } from '../../api/client.ts';
import { MeterError, reasonOf } from '../../errors.ts';
import type { Energy, Execution } from '../../execution.ts';
import { EnergySum } from '../energy-sum.ts';
import { formatSeconds } from '../format.ts';
import { secondsOf } from './report.ts';

/** A machine that sleeps or a clock that is set must not make us miss the window by more. */
const lookEveryMs = 30_000;

/** Whoever looks at the terminal sees that it goes on. */
const tellEveryMs = 3_600_000;

/** How a run is put off. */
export interface GreenestOptions {
  /** Absolute paths, run one after the other. */
  notebooks: string[];
  /** The run begins within this time. */
  withinSeconds: number;
  /** How long it takes; by default as long as each of its cells took the last time. */
  expectSeconds?: number;
  say: (line: string) => void;
  now?: () => Date;
  pause?: (ms: number) => Promise<unknown>;
}

/**
 * Waits for the time at which the grid's forecast promises the least carbon, and says what that saves.
 * Runs of minutes are not put off, and nothing is claimed for them.
 * @throws MeterError `impact/no-forecast` when there is no forecast that covers the run, `cli/bad-argument` when nobody knows
 *   how long the run takes.
 */
export async function awaitGreenest(client: ApiClient, options: GreenestOptions): Promise<void> {
  const { say, withinSeconds, now = () => new Date(), pause = sleep } = options;
  const last = await lastRun(client, options.notebooks);
  const seconds = options.expectSeconds ?? last.seconds;
  if (!(seconds > 0)) {
    throw new MeterError(
      'cli/bad-argument',
      '--greenest does not know how long this takes: run it once without, or say --expect 2h'
    );
  }
  if (seconds < shortestJobSeconds) {
    say(`runs now: a run of ${formatSeconds(seconds)} saves nothing worth claiming by waiting`);
    return;
  }
  const impact = await client.get<ImpactNow>('/v1/impact');
  const window = windowOf(impact, { seconds, withinSeconds, now: now() });
  if (window.waitSeconds === 0) {
    say(`runs now: the coming ${formatSeconds(withinSeconds)} have no greener time`);
    return;
  }
  say(promiseOf(window, energyOver(seconds, last), impact));
  const start = Date.parse(window.start);
  let toldLeft = start - now().getTime();
  for (let left = toldLeft; left > 0; left = start - now().getTime()) {
    if (toldLeft - left >= tellEveryMs) {
      say(`waits another ${formatSeconds(left / 1000)}`);
      toldLeft = left;
    }
    await pause(Math.min(left, lookEveryMs));
  }
}

function windowOf(
  impact: ImpactNow,
  job: { seconds: number; withinSeconds: number; now: Date }
): Window {
  if (impact.forecast.length === 0) {
    const why = impact.carbon?.note ?? `the service ${impact.settings.service} gives none`;
    throw new MeterError(
      'impact/no-forecast',
      `no forecast of the grid (${why}): choose a zone and a service that forecasts in the settings`
    );
  }
  try {
    return greenestWindow(impact.forecast, job);
  } catch (error) {
    throw new MeterError('impact/no-forecast', reasonOf(error), { cause: error });
  }
}

function promiseOf(window: Window, energy: Energy, impact: ImpactNow): string {
  const { start, waitSeconds, gramsPerKwh, nowGramsPerKwh } = window;
  const saved = savings(energy, window, impact.pue);
  return (
    `waits ${formatSeconds(waitSeconds)}, until ${start}: ${Math.round(gramsPerKwh)} g/kWh ` +
    `instead of ${Math.round(nowGramsPerKwh)} in ${impact.zone_name ?? 'the zone'}${claimOf(saved)}`
  );
}

/** The energy of a run that takes this long, at the mean power of the last one. */
function energyOver(seconds: number, last: { seconds: number; energy: Energy }): Energy {
  const { joules, low, high } = last.energy;
  const times = (value: number | null) =>
    value === null || !(last.seconds > 0) ? null : (value * seconds) / last.seconds;
  return { ...last.energy, joules: times(joules), low: times(low), high: times(high) };
}

/** What may be claimed: nothing that forecasts cannot tell from 0. */
function claimOf(saved: ReturnType<typeof savings>): string {
  if (saved === null) return '; how many grams that saves is not known before a first run';
  if (saved.low <= 0) return "; the difference lies within the forecast's error";
  return `, which saves about ${formatAmount(saved)} CO2e`;
}

/** The time and energy of each notebook's cells, each as it ran the last time. */
async function lastRun(
  client: ApiClient,
  notebooks: string[]
): Promise<{ seconds: number; energy: Energy }> {
  const sum = new EnergySum();
  let seconds = 0;
  for (const notebook of notebooks) {
    const query = new URLSearchParams({ notebook, status: 'ok', order: 'desc', limit: '2000' });
    const path = `/v1/executions?${query.toString()}`;
    const { executions } = await client.get<{ executions: Execution[] }>(path);
    const seen = new Set<string | null>();
    for (const execution of executions) {
      if (seen.has(execution.cell_id)) continue;
      seen.add(execution.cell_id);
      sum.add(execution.total);
      seconds += secondsOf(execution) ?? 0;
    }
  }
  return { seconds, energy: sum.total };
}
