import {
  deviceLifetime,
  devices,
  type DeviceName,
  type DeviceSetting
} from 'kernel-helpers/impact';
import { MeterError } from '../errors.ts';
import { isPolicy, policies, type Settings, type SettingsChanges } from '../store/settings.ts';

type Change = (text: string, settings: Settings) => SettingsChanges;

const words =
  (name: string): Change =>
  text => ({ impact: { [name]: text } });
const numbers =
  (name: string): Change =>
  text => ({ impact: { [name]: numberIn(name, text) } });
/** `none` takes a setting away again. */
const orNone =
  (name: string, change: Change): Change =>
  (text, settings) =>
    text === 'none' ? { impact: { [name]: null } } : change(text, settings);

/** Each setting that the command line changes, with what it means. */
export const settingNames: Record<string, { change: Change; meaning: string }> = {
  zone: {
    change: orNone('zone', words('zone')),
    meaning: 'grid zone, see joulebook zones; none takes it away: it is never guessed'
  },
  service: {
    change: words('service'),
    meaning: 'carbon intensity: offline (yearly), neso, electricitymaps, watttime, entsoe'
  },
  pue: { change: numbers('pue'), meaning: 'what the site draws per kWh of the machine, 1 at home' },
  wue: {
    change: orNone('wue', numbers('wue')),
    meaning: 'litres that cooling the machine evaporates per kWh, 0 at a desk'
  },
  own_solar_share: {
    change: numbers('own_solar_share'),
    meaning: 'share of the electricity from own solar panels, 0 to 1'
  },
  supplier_grams_per_kwh: {
    change: orNone('supplier_grams_per_kwh', numbers('supplier_grams_per_kwh')),
    meaning: "g/kWh by the supplier's contract (market-based, shown apart)"
  },
  tariff: { change: orNone('tariff', numbers('tariff')), meaning: 'price per kWh' },
  currency: { change: orNone('currency', words('currency')), meaning: 'of the price, such as EUR' },
  device: {
    change: orNone('device', deviceNamed),
    meaning: `the machine: ${Object.keys(devices).join(', ')}, or kg of CO2e of making it`
  },
  lifetime_years: {
    change: lifetime,
    meaning: `years it serves, ${deviceLifetime.value} by default`
  },
  policy: {
    change: policyNamed,
    meaning: `how energy is split: ${policies.join(', ')}`
  },
  retention_days: {
    change: days,
    meaning: 'older runs are deleted; 0 keeps them for ever'
  }
};

/**
 * Reads `name=value`.
 * @param settings Those in force: device and lifetime change one after the other.
 * @throws MeterError `cli/bad-argument` for a name or number that is none; whether a value makes sense says the meter.
 */
export function changeIn(assignment: string, settings: Settings): SettingsChanges {
  const { name = '', value = '' } = /^(?<name>[^=]*)=(?<value>.*)$/s.exec(assignment)?.groups ?? {};
  const known = Object.hasOwn(settingNames, name) ? settingNames[name] : undefined;
  if (known === undefined || value.trim() === '') {
    const names = Object.keys(settingNames).join(', ');
    throw new MeterError(
      'cli/bad-argument',
      `expected name=value with a name of ${names}; got ${assignment}`
    );
  }
  return known.change(value.trim(), settings);
}

function numberIn(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new MeterError('cli/bad-argument', `expected a number for ${name}, got ${text}`);
}

function policyNamed(text: string): SettingsChanges {
  if (isPolicy(text)) return { policy: text };
  const message = `expected a policy of ${policies.join(', ')}, got ${text}`;
  throw new MeterError('cli/bad-argument', message);
}

function days(text: string): SettingsChanges {
  return { retention_days: numberIn('retention_days', text) };
}

function deviceNamed(text: string, { impact: { device } }: Settings): SettingsChanges {
  const lifetime_years = device?.lifetime_years ?? deviceLifetime.value;
  const told: Omit<DeviceSetting, 'lifetime_years'> = Object.hasOwn(devices, text)
    ? { name: text as DeviceName }
    : { embodied_kg: numberIn('device (a name, or kg)', text) };
  return { impact: { device: { ...told, lifetime_years } } };
}

function lifetime(text: string, { impact: { device } }: Settings): SettingsChanges {
  if (device === null) {
    throw new MeterError('cli/bad-argument', 'lifetime_years needs a device: say device=… first');
  }
  return { impact: { device: { ...device, lifetime_years: numberIn('lifetime_years', text) } } };
}
