import type { CarbonNow, CarbonService, ForecastSpan } from 'kernel-helpers/impact';
import { mostGramsPerKwh } from 'kernel-helpers/impact';
import { MeterError } from '../../errors.ts';

/** What a service told. */
export interface LiveCarbon {
  /** Grams per kWh at `at`. */
  grams: number;
  /** Its range, where the service tells one. */
  low?: number;
  high?: number;
  /** ISO 8601. */
  at: string;
  basis: CarbonNow['basis'];
  /** Share of the electricity without fossil fuel, where the service tells it. */
  carbonFree?: number;
  forecast: ForecastSpan[];
}

/** What is asked of a service. */
export interface CarbonRequest {
  /** Grid zone as Electricity Maps names it. */
  zone: string;
  /** Its address, without a slash at the end. */
  base: string;
  /** What the user gave for it, by name. */
  keys: Record<string, string>;
  now: Date;
}

/** A service that tells carbon intensities of now. */
export interface LiveService {
  name: Exclude<CarbonService, 'offline'>;
  title: string;
  licence: string;
  base: string;
  /** The names of keys that it cannot do without. */
  needs: string[];
  ask(request: CarbonRequest): Promise<LiveCarbon>;
}

/** Days of five-minute values. */
const mostSpans = 5000;
/** A forecast may begin this much ahead of now: with its next hour. */
const aheadMs = 3_600_000;

/** The forecast with the value of now before it, where it begins with the next hour or quarter. */
export function fromNow({ grams, at, forecast }: LiveCarbon, now: Date): ForecastSpan[] {
  const begins = Date.parse(forecast[0]?.from ?? '');
  const ahead = begins - now.getTime();
  if (!(ahead > 0 && ahead <= aheadMs)) return forecast;
  const from = new Date(Math.min(Date.parse(at), now.getTime())).toISOString();
  return [{ from, to: new Date(begins).toISOString(), grams_per_kwh: grams }, ...forecast];
}

/** A value older than this describes another time. */
const oldestMs = 6 * 3_600_000;

/**
 * Passes an answer that can be true.
 * @throws MeterError `impact/service` for intensities that no grid has, a time that is too old or lies ahead, or a forecast that does.
 */
export function checkedAnswer(name: string, answer: LiveCarbon, now: Date): LiveCarbon {
  const { grams, low = grams, high = grams, at, carbonFree = 0, forecast } = answer;
  const refuse = (what: string): never => {
    throw new MeterError('impact/service', `${name} answered ${what}; its value is not used`);
  };
  const plausible = (value: unknown) =>
    typeof value === 'number' && value >= 0 && value <= mostGramsPerKwh;
  if (!plausible(grams)) refuse(`${String(grams)} g/kWh, expected 0 to ${mostGramsPerKwh}`);
  if (!(0 <= low && low <= grams && grams <= high)) refuse(`a range of ${low} to ${high} g/kWh`);
  const age = now.getTime() - Date.parse(at);
  if (!(age > -3_600_000 && age < oldestMs)) refuse(`a value of ${at}, expected one of now`);
  if (!(carbonFree >= 0 && carbonFree <= 1)) refuse(`a carbon-free share of ${carbonFree}`);
  if (forecast.length > mostSpans) refuse(`a forecast of ${forecast.length} values`);
  const wrong = forecast.find(span => !plausible(span.grams_per_kwh));
  if (wrong) refuse(`${String(wrong.grams_per_kwh)} g/kWh for ${wrong.from}`);
  return answer;
}
