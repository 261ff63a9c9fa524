import { existsSync } from 'node:fs';
import type { ImpactNow, ImpactSettings } from 'kernel-helpers/impact';
import { impactOf } from '../impact/impact.ts';
import { storedSettings } from '../store/reader.ts';
import { defaultSettings, type Settings } from '../store/settings.ts';
import { findDaemon } from './connect.ts';
import type { CliContext } from './context.ts';

/** What turns joules into impact now: as the meter tells it, or from the settings on disk where none runs. */
export async function impactNow(context: CliContext): Promise<ImpactNow> {
  const { places, environment } = context;
  const client = await findDaemon(context);
  if (client !== undefined) return client.get<ImpactNow>('/v1/impact');
  const settings = storedImpact(context);
  return impactOf(() => settings, places, environment).now();
}

/**
 * What turns the joules of the past into impact: the year's average, since the grid of now says nothing about the runs of last week.
 * The forecast is the one of now.
 */
export async function impactOfHistory(context: CliContext): Promise<ImpactNow> {
  const { places, environment } = context;
  const client = await findDaemon(context);
  const settings = client
    ? (await client.get<Settings>('/v1/settings')).impact
    : storedImpact(context);
  const year = await impactOf(
    () => ({ ...settings, service: 'offline' }),
    places,
    environment
  ).now();
  if (settings.service === 'offline' || year.carbon === null) return { ...year, settings };
  const note = `past runs are weighed by the yearly average, not by what ${settings.service} tells of now`;
  const { forecast } = client ? await client.get<ImpactNow>('/v1/impact') : { forecast: [] };
  return { ...year, settings, forecast, carbon: { ...year.carbon, note } };
}

function storedImpact({ places, environment }: CliContext): ImpactSettings {
  const stored = existsSync(places.history) ? storedSettings(places.history) : {};
  return { ...defaultSettings(environment).impact, ...stored };
}
