import { deviceLifetime } from 'kernel-helpers/impact/figures';
import type { DeviceSetting, ImpactSettings } from '../api/impact-types';
import type { EnergyApi } from '../api/requests';
import type { DaemonSettings } from '../api/types';
import { LabError } from '../errors';
import type { MeterModel } from './meter';
import type { Preferences, PreferenceValues } from './preferences';

/**
 * Hands what the user chose to the daemon, now and whenever it returns.
 * @param onRefused Told once why the daemon does not take a choice, such as a zone that nobody knows.
 */
export function keepDaemonSettings(
  api: Pick<EnergyApi, 'setDaemonSettings'>,
  meter: Pick<MeterModel, 'synchronise'>,
  preferences: Preferences,
  onRefused: (why: string) => void
): void {
  // Apart from each other, so that a daemon without impacts still takes policy and retention.
  const hands = [chosenForMeter, chosenForImpact].map(chosen => new Hand(api, chosen, onRefused));
  const hand = (): void => hands.forEach(each => void each.give(preferences.values));
  preferences.changed.connect(hand);
  meter.synchronise.connect(() => {
    hands.forEach(each => each.forget());
    hand();
  });
}

/** Gives one part of the choices to the daemon, once. */
class Hand {
  private given = '{}';
  private refused = '';

  constructor(
    private readonly api: Pick<EnergyApi, 'setDaemonSettings'>,
    private readonly chosen: (values: PreferenceValues) => Partial<DaemonSettings>,
    private readonly onRefused: (why: string) => void
  ) {}

  /** What was given may be lost: the daemon started anew. */
  forget(): void {
    this.given = '{}';
  }

  async give(values: PreferenceValues): Promise<void> {
    const change = this.chosen(values);
    const text = JSON.stringify(change);
    if (text === this.given || text === '{}' || text === this.refused) return;
    try {
      await this.api.setDaemonSettings(change);
      this.given = text;
      this.refused = '';
    } catch (error) {
      // Without a daemon there is nobody to tell; its return brings the next attempt.
      if (!(error instanceof LabError) || error.code !== 'api/bad-request') return;
      this.given = '{}';
      this.refused = text;
      this.onRefused(error.message);
    }
  }
}

function chosenForMeter({ policy, retentionDays }: PreferenceValues): Partial<DaemonSettings> {
  return {
    ...(policy === 'keep' ? {} : { policy }),
    ...(retentionDays === null ? {} : { retention_days: retentionDays })
  };
}

function chosenForImpact(values: PreferenceValues): Partial<DaemonSettings> {
  const { carbonZone, carbonService, currency } = values;
  const impact: Partial<ImpactSettings> = {
    ...(carbonZone.trim() === '' ? {} : { zone: zoneOf(carbonZone) }),
    ...(carbonService === 'keep' ? {} : { service: carbonService }),
    ...(currency === '' ? {} : { currency }),
    ...given('pue', values.pue),
    ...given('wue', values.wue),
    ...given('own_solar_share', values.ownSolarShare),
    ...given('supplier_grams_per_kwh', values.supplierGramsPerKwh),
    ...given('tariff', values.tariff)
  };
  const device = deviceOf(values);
  if (device) impact.device = device;
  return Object.keys(impact).length === 0 ? {} : { impact };
}

function deviceOf(values: PreferenceValues): DeviceSetting | null {
  const { device, deviceEmbodiedKg: kg, deviceLifetimeYears: years } = values;
  if (device === 'keep' && (kg === null || years === null)) return null;
  return {
    ...(device === 'keep' ? {} : { name: device }),
    ...(kg === null ? {} : { embodied_kg: kg }),
    lifetime_years: years ?? deviceLifetime.value
  };
}

function zoneOf(text: string): string | null {
  const zone = text.trim();
  return zone.toLowerCase() === 'none' ? null : zone;
}

function given<K extends keyof ImpactSettings>(
  key: K,
  value: ImpactSettings[K] | null
): Partial<ImpactSettings> {
  return value === null ? {} : { [key]: value };
}
