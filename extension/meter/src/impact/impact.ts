import {
  afterSolar,
  coefficient,
  devices,
  fromSettings,
  liveSpread,
  pueOwnMachine,
  wueOwnMachine,
  wueUnknown,
  type CarbonNow,
  type CarbonRecord,
  type Coefficient,
  type ImpactNow,
  type ImpactSettings
} from 'kernel-helpers/impact';
import type { Zone } from 'kernel-helpers/impact/zones';
import type { Places } from '../paths.ts';
import { LiveCarbonDesk, type LiveCarbonPlaces, type LiveResult } from './live-carbon.ts';
import { liveServices } from './services/services.ts';
import type { LiveCarbon, LiveService } from './services/service.ts';

/** What marks the figure of a year. */
const yearly = { basis: 'average', service: 'offline', at: null, age_seconds: null } as const;

/** Puts together what turns joules into impact, from the settings, the yearly data and the live services. */
export class Impact {
  readonly #desk: LiveCarbonDesk;
  readonly #settings: () => ImpactSettings;

  /**
   * Asks nothing yet.
   * @param settings Told at each question, since they change while the daemon runs.
   * @param places Of the cache and the keys.
   */
  constructor(settings: () => ImpactSettings, places: LiveCarbonPlaces) {
    this.#settings = settings;
    this.#desk = new LiveCarbonDesk(places);
  }

  /** Forgets that services failed: a setting has changed. */
  settingsChanged(): void {
    this.#desk.retry();
  }

  /** What the live service of the settings tells of the zone of the settings; null where none is set or it tells nothing. */
  async record(at: Date = new Date()): Promise<CarbonRecord | null> {
    const settings = this.#settings();
    if (settings.service === 'offline' || settings.zone === null) return null;
    const service = liveServices[settings.service];
    const zone = await zoneOf(settings.zone);
    const live = zone ? await this.#desk.of(service, zone.id, at) : undefined;
    if (!zone || !live?.cached) return null;
    const { answer } = live.cached;
    const { basis, at: described } = answer;
    return {
      ...toldOf(zone, service, answer),
      ...{ zone: zone.id, service: service.name, basis, at: described }
    };
  }

  /** The figures in force. A service that fails leaves the yearly figure, which says so; nothing here throws for it. */
  async now(at: Date = new Date()): Promise<ImpactNow> {
    const settings = this.#settings();
    const zone = await zoneOf(settings.zone);
    const service = settings.service === 'offline' ? undefined : liveServices[settings.service];
    const live = zone && service ? await this.#desk.of(service, zone.id, at) : undefined;
    const solar = settings.own_solar_share;
    const carbon = zone && carbonOf(zone, settings, service, live, at);
    const answer = live?.cached?.answer;
    const supplier = settings.supplier_grams_per_kwh;
    return {
      zone: zone?.id ?? null,
      zone_name: zone?.name ?? null,
      carbon: carbon && afterSolar(carbon, solar),
      carbon_year: zone && afterSolar({ ...zone.carbon, ...yearly, note: null }, solar),
      market: supplier === null ? null : contract(supplier, solar),
      carbon_free: zone && carbonFreeOf(zone, service, answer?.carbonFree, at),
      pue:
        settings.pue === 1 ? pueOwnMachine : fromSettings('pue/setting', 'PUE', settings.pue, '1'),
      wue: wueOf(settings),
      tariff: tariffOf(settings),
      device: deviceOf(settings),
      forecast: (answer?.forecast ?? []).filter(({ to }) => Date.parse(to) > at.getTime()),
      settings
    };
  }
}

/**
 * The impact of this user's machine.
 * @param settings Told at each question.
 * @param places Holds the cache and the keys.
 */
export function impactOf(
  settings: () => ImpactSettings,
  { carbonCache, serviceKeys }: Places,
  environment: Record<string, string | undefined>
): Impact {
  return new Impact(settings, { cacheFile: carbonCache, keysFile: serviceKeys, environment });
}

/** The zone's figures; null when none is chosen, or the data no longer know the one that is. */
async function zoneOf(id: string | null): Promise<Zone | null> {
  if (id === null) return null;
  // The zones' data take memory: a daemon whose user chose none goes without.
  const { findZone } = await import('kernel-helpers/impact/zones');
  try {
    return findZone(id);
  } catch {
    return null;
  }
}

function carbonOf(
  zone: Zone,
  { service: asked }: ImpactSettings,
  service: LiveService | undefined,
  live: LiveResult | undefined,
  now: Date
): CarbonNow {
  const { cached, failure } = live ?? {};
  if (service === undefined || cached === undefined) {
    const note = failure
      ? `${asked} failed (${failure}): the offline yearly average instead`
      : null;
    return { ...zone.carbon, ...yearly, note };
  }
  const { at, basis } = cached.answer;
  return {
    ...toldOf(zone, service, cached.answer),
    ...{ basis, service: service.name, at },
    age_seconds: Math.max(0, Math.round((now.getTime() - Date.parse(at)) / 1000)),
    note: failure ? `${service.name} failed (${failure}): its last answer` : null
  };
}

/** An answer as a sourced number. */
function toldOf(zone: Zone, service: LiveService, answer: LiveCarbon): Coefficient<'g/kWh'> {
  const { grams, at, basis } = answer;
  const { low = grams * (1 - liveSpread.value), high = grams * (1 + liveSpread.value) } = answer;
  const { title, licence, name } = service;
  return coefficient({
    ...{ id: `carbon/${zone.id}/${name}`, title: `${basis} carbon intensity now, ${zone.name}` },
    ...{ value: grams, low, high },
    ...{ unit: 'g/kWh', year: new Date(at).getUTCFullYear(), source: title, licence },
    kind: 'modelled'
  });
}

function carbonFreeOf(
  zone: Zone,
  service: LiveService | undefined,
  share: number | undefined,
  now: Date
): Coefficient<'1'> {
  if (service === undefined || share === undefined) return zone.carbonFree;
  return coefficient({
    ...{ id: `carbon-free/${zone.id}/${service.name}`, title: `carbon-free share, ${zone.name}` },
    ...{ value: share, low: share, high: share, unit: '1', year: now.getUTCFullYear() },
    ...{ source: service.title, licence: service.licence, kind: 'modelled' }
  });
}

function contract(grams: number, solar: number): Coefficient<'g/kWh'> {
  const title = "carbon intensity by the supplier's contract";
  return afterSolar(fromSettings('carbon/contract', title, grams, 'g/kWh'), solar);
}

function wueOf({ wue, pue }: ImpactSettings): ImpactNow['wue'] {
  if (wue !== null) return fromSettings('wue/setting', 'WUE', wue, 'L/kWh');
  return pue > 1 ? wueUnknown : wueOwnMachine;
}

function tariffOf({ tariff, currency }: ImpactSettings): ImpactNow['tariff'] {
  return tariff === null ? null : { value: tariff, currency: currency ?? 'EUR' };
}

function deviceOf({ device }: ImpactSettings): ImpactNow['device'] {
  if (device === null) return null;
  const { name, embodied_kg: kg, lifetime_years } = device;
  if (kg === undefined) return name === undefined ? null : { ...devices[name], lifetime_years };
  // Two published figures for one accelerator lie 3.5 times apart: half to one and a half is no caution too many.
  const range = { low: kg * 0.5, high: kg * 1.5, kind: 'attributed' } as const;
  const made = fromSettings('device/setting', 'making of this machine', kg, 'kg', range);
  return { ...made, lifetime_years };
}
