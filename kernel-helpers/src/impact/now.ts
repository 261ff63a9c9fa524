import type { Coefficient } from './coefficient.ts';
import type { ForecastSpan } from './greenest.ts';
import type { Tariff } from './resources.ts';
import type { DeviceName } from './devices.ts';

/** Where carbon intensities come from. */
export const carbonServices = ['offline', 'neso', 'electricitymaps', 'watttime', 'entsoe'] as const;

/** The name of a service; `offline` needs no network. */
export type CarbonService = (typeof carbonServices)[number];

/** A machine: by its name in the table, or by a figure of one's own. */
export interface DeviceSetting {
  /** Such as `laptop`; its figure and range are then the table's. */
  name?: DeviceName | undefined;
  /** Carbon of making it, in kg CO₂e; needed without a name, and outranks it. */
  embodied_kg?: number | undefined;
  /** Years that it serves, above 0. */
  lifetime_years: number;
}

/** What the user has set about where and how the machine gets its electricity. */
export interface ImpactSettings {
  /** Grid zone, such as `FR`; null: none chosen, and none is guessed. */
  zone: string | null;
  /** Where the intensity comes from. */
  service: CarbonService;
  /** Power usage effectiveness, at least 1. */
  pue: number;
  /** Litres that cooling the machine evaporates per kWh, at least 0; null: none at a desk, an average where the PUE is above 1. */
  wue: number | null;
  /** Share of the electricity from own solar panels, 0 to 1. */
  own_solar_share: number;
  /** What the supplier's contract says, in g/kWh; null: no contract. */
  supplier_grams_per_kwh: number | null;
  /** Price per kWh; null: not told. */
  tariff: number | null;
  /** ISO 4217. */
  currency: string | null;
  /** The machine and how long it serves; null: not told. */
  device: DeviceSetting | null;
}

/** The settings where none are stored. */
export const defaultImpactSettings: ImpactSettings = {
  zone: null,
  service: 'offline',
  pue: 1,
  wue: null,
  own_solar_share: 0,
  supplier_grams_per_kwh: null,
  tariff: null,
  currency: null,
  device: null
};

/** A carbon intensity with where it was got, and how old it is. */
export interface CarbonNow extends Coefficient<'g/kWh'> {
  /** Mean of all electricity, or what one more kWh causes. */
  basis: 'average' | 'marginal';
  /** What was asked; `offline` also when another service failed. */
  service: CarbonService;
  /** The time that it describes, ISO 8601; null for a yearly figure. */
  at: string | null;
  /** How long ago that was; null for a yearly figure. */
  age_seconds: number | null;
  /** What to tell with the number, such as why the offline figure stands here. */
  note: string | null;
}

/** All that turns joules into impact, as `GET /v1/impact` answers. */
export interface ImpactNow {
  /** Grid zone; null: choose one in the settings. */
  zone: string | null;
  zone_name: string | null;
  /** By location, own solar power already taken off; null without a zone. */
  carbon: CarbonNow | null;
  /** The zone's average over a year, own solar power already taken off: for cells while which no service told. Null without a zone. */
  carbon_year: CarbonNow | null;
  /** By contract, own solar power already taken off; null without a contract. */
  market: Coefficient<'g/kWh'> | null;
  /** Share of the grid's electricity without fossil fuel, 0 to 1; null without a zone. */
  carbon_free: Coefficient<'1'> | null;
  pue: Coefficient<'1', 'modelled'>;
  /** Water that cooling the machine evaporates. */
  wue: Coefficient<'L/kWh', 'modelled'>;
  tariff: Tariff | null;
  /** Carbon of making the machine; null until the settings tell. */
  device: (Coefficient<'kg'> & { lifetime_years: number }) | null;
  /** What the grid is expected to emit, as it is known; empty without a service that forecasts. */
  forecast: ForecastSpan[];
  settings: ImpactSettings;
}
