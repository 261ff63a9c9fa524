/** A sourced number that turns energy into an impact, with its 95 % range. */
export interface Coefficient {
  id: string;
  title: string;
  value: number;
  low: number;
  high: number;
  unit: string;
  year: number;
  source: string;
  licence: string;
  kind: 'measured' | 'modelled' | 'attributed';
}

/** Where the daemon asks for the carbon of electricity. */
export type CarbonService = 'offline' | 'neso' | 'electricitymaps' | 'watttime' | 'entsoe';

/** The carbon of a kilowatt-hour, in g/kWh; `at` is the time for which it holds, ISO 8601. */
export interface CarbonIntensity extends Coefficient {
  basis: 'average' | 'marginal';
  service: CarbonService;
  at: string | null;
  age_seconds: number | null;
  note: string | null;
}

/** One stretch of a forecast of the carbon of electricity; times are ISO 8601. */
export interface ForecastStep {
  from: string;
  to: string;
  grams_per_kwh: number;
}

/** What the user told the daemon about the electricity and the machine. */
export interface ImpactSettings {
  zone: string | null;
  service: CarbonService;
  pue: number;
  own_solar_share: number;
  supplier_grams_per_kwh: number | null;
  tariff: number | null;
  currency: string | null;
  device: { embodied_kg: number; lifetime_years: number } | null;
}

/** The coefficients that hold now. Without a zone there is no carbon: it is never guessed. */
export interface Impact {
  zone: string | null;
  zone_name: string | null;
  carbon: CarbonIntensity | null;
  carbon_free: Coefficient | null;
  pue: Coefficient;
  tariff: { value: number; currency: string } | null;
  forecast: ForecastStep[];
  settings: Partial<ImpactSettings>;
}
