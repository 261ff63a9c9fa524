import { existsSync } from 'node:fs';
import type { ImpactNow, ImpactSettings } from 'kernel-helpers/impact';
import { impactOf } from '../impact/impact.ts';
import { storedSettings } from '../store/reader.ts';
import { defaultSettings } from '../store/settings.ts';
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

function storedImpact({ places, environment }: CliContext): ImpactSettings {
  const stored = existsSync(places.history) ? storedSettings(places.history) : {};
  return { ...defaultSettings(environment).impact, ...stored };
}
