import {
  carbonServices,
  devices,
  type DeviceSetting,
  type ImpactSettings
} from 'kernel-helpers/impact';
import { MeterError, reasonOf } from '../errors.ts';

function check(name: string, value: number | null | undefined, from: number, to: number): void {
  if (value === null || value === undefined || (value >= from && value <= to)) return;
  throw new MeterError('impact/setting', `expected ${name} from ${from} to ${to}, got ${value}`);
}

function checkDevice({ name, embodied_kg, lifetime_years }: DeviceSetting): void {
  const names = Object.keys(devices);
  if (name === undefined ? embodied_kg === undefined : !names.includes(name)) {
    const message = `expected device.embodied_kg or a device.name of ${names.join(', ')}, got ${name ?? 'neither'}`;
    throw new MeterError('impact/setting', message);
  }
  check('device.embodied_kg', embodied_kg, 0, 1e6);
  if (lifetime_years > 0 && lifetime_years <= 50) return;
  const message = `expected device.lifetime_years above 0 and up to 50, got ${lifetime_years}`;
  throw new MeterError('impact/setting', message);
}

/**
 * Passes changes of the impact's settings that make sense, the zone in the data's own spelling.
 * @throws MeterError `impact/zone` for a zone that is not known, `impact/setting` for anything else.
 */
export async function checkedChanges(
  changes: Partial<ImpactSettings>
): Promise<Partial<ImpactSettings>> {
  const { zone, service, pue, wue, own_solar_share, supplier_grams_per_kwh, tariff, device } =
    changes;
  check('pue', pue, 1, 10);
  check('wue', wue, 0, 100);
  check('own_solar_share', own_solar_share, 0, 1);
  check('supplier_grams_per_kwh', supplier_grams_per_kwh, 0, 2000);
  check('tariff', tariff, 0, 1000);
  if (device) checkDevice(device);
  if (service !== undefined && !carbonServices.includes(service)) {
    const message = `expected service as one of ${carbonServices.join(', ')}, got ${String(service)}`;
    throw new MeterError('impact/setting', message);
  }
  if (zone === null || zone === undefined) return changes;
  const { findZone } = await import('kernel-helpers/impact/zones');
  try {
    return { ...changes, zone: findZone(zone).id };
  } catch (error) {
    throw new MeterError('impact/zone', reasonOf(error), { cause: error });
  }
}
