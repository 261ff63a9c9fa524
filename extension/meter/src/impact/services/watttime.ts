import * as z from 'zod/mini';
import { MeterError } from '../../errors.ts';
import { askJson } from './ask-json.ts';
import type { LiveService } from './service.ts';

const loginSchema = z.object({ token: z.string().check(z.minLength(1)) });
const forecastSchema = z.object({
  data: z.array(z.object({ point_time: z.string(), value: z.number() })).check(z.minLength(1)),
  meta: z.object({
    region: z.string(),
    units: z.literal('lbs_co2_per_mwh'),
    data_point_period_seconds: z.number().check(z.positive())
  })
});
const gramsPerPound = 453.59237;

/** Marginal intensity of a grid region: what one more kWh causes, from 5 minutes to 5 minutes. */
export const wattTime: LiveService = {
  name: 'watttime',
  title: 'WattTime v3, marginal operating emissions rate',
  licence: 'LicenseRef-watttime-terms',
  base: 'https://api.watttime.org',
  needs: ['user', 'password', 'region'],
  /** Logs in, then asks for the forecast: its first point is now. */
  async ask({ base, keys }) {
    const login = Buffer.from(`${keys['user']}:${keys['password']}`).toString('base64');
    const told = await askJson(new URL(`${base}/login`), { authorization: `Basic ${login}` });
    const token = loginSchema.safeParse(told);
    if (!token.success) throw new MeterError('impact/service', 'watttime gave no token');
    const url = new URL(`${base}/v3/forecast`);
    url.searchParams.set('region', keys['region'] ?? '');
    url.searchParams.set('signal_type', 'co2_moer');
    const answer = await askJson(url, { authorization: `Bearer ${token.data.token}` });
    const parsed = forecastSchema.safeParse(answer);
    if (!parsed.success) {
      throw new MeterError('impact/service', 'watttime answered in another format');
    }
    const { data, meta } = parsed.data;
    if (meta.region !== keys['region']) {
      throw new MeterError('impact/service', `watttime answered for region ${meta.region}`);
    }
    const forecast = data.map(({ point_time, value }) => ({
      from: new Date(point_time).toISOString(),
      to: new Date(Date.parse(point_time) + meta.data_point_period_seconds * 1000).toISOString(),
      // Pounds per MWh; a MWh is 1000 kWh.
      grams_per_kwh: (value * gramsPerPound) / 1000
    }));
    const [first] = forecast as [(typeof forecast)[number]];
    return { grams: first.grams_per_kwh, at: first.from, basis: 'marginal', forecast };
  }
};
