import * as z from 'zod/mini';
import type { ForecastSpan } from 'kernel-helpers/impact';
import { MeterError } from '../../errors.ts';
import { askJson } from './ask-json.ts';
import type { CarbonRequest, LiveService } from './service.ts';

const latestSchema = z.object({
  zone: z.string(),
  carbonIntensity: z.number(),
  datetime: z.string()
});
const forecastSchema = z.object({
  zone: z.string(),
  forecast: z.array(z.object({ carbonIntensity: z.number(), datetime: z.string() }))
});
const hourMs = 3_600_000;

/** Average life-cycle intensity of a zone's consumption, by the hour. */
export const electricityMaps: LiveService = {
  name: 'electricitymaps',
  title: 'Electricity Maps, carbon intensity',
  licence: 'LicenseRef-electricitymaps-terms',
  base: 'https://api.electricitymaps.com',
  needs: ['key'],
  /** Asks for now, then for the forecast. */
  async ask(request) {
    const parsed = latestSchema.safeParse(await askZone(request, 'latest'));
    if (!parsed.success) throw failure('in another format');
    const { zone, carbonIntensity, datetime } = parsed.data;
    // Without a zone that it knows, the service would guess one from the caller's address.
    if (zone !== request.zone) throw failure(`for ${zone} instead of ${request.zone}`);
    const forecast = await forecastOf(request);
    return { grams: carbonIntensity, at: datetime, basis: 'average', forecast };
  }
};

/** The forecast, empty where the user's key does not include it. */
async function forecastOf(request: CarbonRequest): Promise<ForecastSpan[]> {
  try {
    const { zone, forecast } = forecastSchema.parse(await askZone(request, 'forecast'));
    if (zone !== request.zone) return [];
    const starts = forecast.map(({ datetime }) => Date.parse(datetime));
    // Hours or quarters of one: each value holds until the next.
    const step = (starts[1] ?? NaN) - (starts[0] ?? NaN) || hourMs;
    return forecast.map(({ carbonIntensity }, index) => {
      const from = starts[index] ?? NaN;
      const to = starts[index + 1] ?? from + step;
      return { ...spanOf(from, to), grams_per_kwh: carbonIntensity };
    });
  } catch {
    return [];
  }
}

function spanOf(from: number, to: number): { from: string; to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function askZone({ base, zone, keys }: CarbonRequest, what: string): Promise<unknown> {
  const url = new URL(`${base}/v3/carbon-intensity/${what}`);
  url.searchParams.set('zone', zone);
  url.searchParams.set('shouldUseFallbackCallerLookup', 'false');
  return askJson(url, { 'auth-token': keys['key'] ?? '' });
}

function failure(how: string): MeterError {
  return new MeterError('impact/service', `electricitymaps answered ${how}`);
}
