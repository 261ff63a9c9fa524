import { checkAmount, convert, scale, type Amount } from './amount.ts';
import type { Coefficient } from './coefficient.ts';
import { network, storageSsd } from './table.ts';

const bytesPerGigabyte = 1e9;
const bytesPerTerabyte = 1e12;
const hoursPerYear = 8760;

/**
 * Energy attributed to moving bytes over networks. Published figures lie 60 times apart, so only the range means something.
 * @param bytes Sent and received, at least 0.
 * @param per Energy per gigabyte. @default the range of the table
 * @returns kWh, attributed: the network runs whether or not these bytes move, so it is never added to measured energy.
 * @throws HelperError `impact/value` for a negative number of bytes.
 */
export function transferEnergy(
  bytes: number,
  per: Coefficient<'kWh/GB', 'attributed'> = network
): Amount<'kWh', 'attributed'> {
  checkAmount('a number of bytes', bytes);
  const moved = bytes / bytesPerGigabyte;
  const amount = { value: moved, low: moved, high: moved, unit: 'GB', kind: 'measured' } as const;
  return convert(amount, per);
}

/**
 * Energy attributed to keeping data for a time.
 * @param bytes Size, at least 0.
 * @param years How long. @default 1
 * @param per Power per terabyte. @default solid-state drives
 * @returns kWh, attributed.
 * @throws HelperError `impact/value` for a negative size or time.
 */
export function storageEnergy(
  bytes: number,
  years = 1,
  per: Coefficient<'Wh/TBh', 'attributed'> = storageSsd
): Amount<'kWh', 'attributed'> {
  checkAmount('a number of bytes', bytes);
  checkAmount('a number of years', years);
  const { value, low, high, kind } = per;
  const one: Amount<'kWh', 'attributed'> = { value, low, high, unit: 'kWh', kind };
  return scale(one, ((bytes / bytesPerTerabyte) * years * hoursPerYear) / 1000);
}
