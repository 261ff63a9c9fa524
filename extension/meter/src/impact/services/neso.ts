import * as z from 'zod/mini';
import { MeterError } from '../../errors.ts';
import { askJson } from './ask-json.ts';
import type { LiveService } from './service.ts';

const answerSchema = z.object({
  data: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      intensity: z.object({ forecast: z.nullable(z.number()), actual: z.nullish(z.number()) })
    })
  )
});

/** Great Britain's half hours of now and of the next 48 hours; needs no key. */
export const neso: LiveService = {
  name: 'neso',
  title:
    'National Energy System Operator (Great Britain), Carbon Intensity API: operation of power stations, their building left out',
  licence: 'CC-BY-4.0',
  base: 'https://api.carbonintensity.org.uk',
  needs: [],
  /** Asks once: the first half hour is now. */
  async ask({ zone, base, now }) {
    if (zone !== 'GB') {
      throw new MeterError(
        'impact/service',
        `neso knows Great Britain (zone GB) only, not ${zone}`
      );
    }
    const minute = `${now.toISOString().slice(0, 16)}Z`;
    const url = new URL(`${base}/intensity/${minute}/fw48h`);
    const parsed = answerSchema.safeParse(await askJson(url));
    if (!parsed.success) throw new MeterError('impact/service', 'neso answered in another format');
    const spans = parsed.data.data.flatMap(({ from, to, intensity }) => {
      const grams = intensity.actual ?? intensity.forecast;
      return grams === null ? [] : [{ from: iso(from), to: iso(to), grams_per_kwh: grams }];
    });
    const current = spans.find(
      ({ from, to }) => Date.parse(from) <= now.getTime() && now.getTime() < Date.parse(to)
    );
    if (current === undefined) {
      throw new MeterError('impact/service', `neso answered without the half hour of ${minute}`);
    }
    return {
      grams: current.grams_per_kwh,
      at: current.from,
      basis: 'average',
      forecast: spans.filter(({ to }) => Date.parse(to) > now.getTime())
    };
  }
};

function iso(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) {
    throw new MeterError('impact/service', `neso answered with ${JSON.stringify(text)} as a time`);
  }
  return at.toISOString();
}
