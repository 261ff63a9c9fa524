import { coefficient, type Coefficient, type Kind } from './coefficient.ts';
import { deviceLifetime, devices } from './devices.ts';
import { generation } from './generation.ts';

/** Coefficients that do not depend on the zone, each with its source. */
export const pueOwnMachine = coefficient({
  id: 'pue/own-machine',
  title: 'power usage effectiveness, a machine at a desk: nothing is cooled for it',
  value: 1,
  low: 1,
  high: 1,
  unit: '1',
  year: 2024,
  source: 'definition, ISO/IEC 30134-2',
  licence: 'CC0-1.0',
  kind: 'modelled'
});

/** Where the data centre's own figure is not known. */
export const pueUnknown = coefficient({
  id: 'pue/unknown-data-centre',
  title: 'power usage effectiveness, average of data centres',
  value: 1.56,
  low: 1.1,
  high: 2,
  unit: '1',
  year: 2024,
  source: 'Uptime Institute, Global Data Center Survey 2024; range: hyperscale to old rooms',
  licence: 'LicenseRef-cited-figure',
  kind: 'modelled'
});

/** Water that a data centre evaporates to cool one kWh of computing. */
export const wueUnknown = coefficient({
  id: 'wue/unknown-data-centre',
  title: 'water usage effectiveness, average of data centres',
  value: 1.8,
  low: 0.2,
  high: 1.8,
  unit: 'L/kWh',
  year: 2016,
  source:
    'Shehabi et al. 2016, United States Data Center Energy Usage Report, LBNL-1005775; low: hyperscale reports',
  licence: 'LicenseRef-cited-figure',
  kind: 'modelled'
});

/** A desk has no evaporative cooling. */
export const wueOwnMachine = coefficient({
  id: 'wue/own-machine',
  title: 'water usage effectiveness, a machine at a desk',
  value: 0,
  low: 0,
  high: 0,
  unit: 'L/kWh',
  year: 2024,
  source: 'definition, ISO/IEC 30134-9',
  licence: 'CC0-1.0',
  kind: 'modelled'
});

/** Water that power stations consume for one kWh. */
export const gridWater = coefficient({
  id: 'water/grid',
  title: 'water consumed by electricity generation',
  value: 3.14,
  low: 1,
  high: 9.5,
  unit: 'L/kWh',
  year: 2023,
  source:
    'Li et al. 2023, arXiv:2304.03271, US average (EWIF 3.142); range: grids without to with much hydropower',
  licence: 'LicenseRef-cited-figure',
  kind: 'modelled'
});

/** Electricity that storage draws, per terabyte and hour. */
export const storageSsd = coefficient({
  id: 'storage/ssd',
  title: 'energy of keeping data on solid-state drives',
  value: 1.2,
  low: 0.6,
  high: 2.4,
  unit: 'Wh/TBh',
  year: 2021,
  source: 'Cloud Carbon Footprint, methodology; range: half to twice, replication not included',
  licence: 'Apache-2.0',
  kind: 'attributed'
});

/** The same for spinning disks. */
export const storageHdd = coefficient({
  id: 'storage/hdd',
  title: 'energy of keeping data on hard disks',
  value: 0.65,
  low: 0.33,
  high: 1.3,
  unit: 'Wh/TBh',
  year: 2021,
  source: 'Cloud Carbon Footprint, methodology; range: half to twice, replication not included',
  licence: 'Apache-2.0',
  kind: 'attributed'
});

/** Electricity attributed to moving data; published figures lie 60 times apart. */
export const network = coefficient({
  id: 'network',
  title: 'energy of moving data over networks',
  value: 0.01,
  low: 0.001,
  high: 0.059,
  unit: 'kWh/GB',
  year: 2024,
  source:
    'low: Cloud Carbon Footprint (inside a cloud); high: Sustainable Web Design Model 4 (the internet); value: geometric middle, rounded',
  licence: 'LicenseRef-cited-figure',
  kind: 'attributed'
});

/** By how much forecasts of a grid's intensity miss: a saving smaller than this is none. */
export const forecastError = coefficient({
  id: 'forecast/error',
  title: 'mean error of forecasts of carbon intensity, as a share of it',
  value: 0.096,
  low: 0.071,
  high: 0.165,
  unit: '1',
  year: 2025,
  source:
    'CarbonX 2025 (time series foundation models for computational decarbonization), 13 grids: mean and tail; low: NESO, 2017 to 2023',
  licence: 'LicenseRef-cited-figure',
  kind: 'modelled'
});

/** By how much services differ about one grid and hour: they tell no range of their own. */
export const liveSpread = coefficient({
  id: 'carbon/live-spread',
  title: 'range of a live carbon intensity, as a share of it, where its service tells none',
  value: 0.15,
  low: 0.05,
  high: 0.3,
  unit: '1',
  year: 2026,
  source: 'assumed: what methods (operation or life cycle, generation or consumption) differ by',
  licence: 'CC0-1.0',
  kind: 'modelled'
});

/** What memory draws, for estimates without a meter. */
export const memoryPower = coefficient({
  id: 'memory',
  title: 'power of memory that is allocated',
  value: 0.3725,
  low: 0.2,
  high: 0.4,
  unit: 'W/GB',
  year: 2021,
  source: 'Lannelongue et al. 2021, Advanced Science, doi:10.1002/advs.202100707',
  licence: 'CC-BY-4.0',
  kind: 'modelled'
});

/** All coefficients that do not depend on the zone, for listing. */
export const builtIn: readonly Coefficient<string, Kind>[] = [
  pueOwnMachine,
  pueUnknown,
  wueOwnMachine,
  wueUnknown,
  gridWater,
  storageSsd,
  storageHdd,
  network,
  forecastError,
  liveSpread,
  memoryPower,
  ...Object.values(devices),
  deviceLifetime,
  ...Object.values(generation).map(({ carbon }) => carbon)
];

/**
 * A figure that the user gave, as a coefficient.
 * @param id Stable name, such as `pue/setting`.
 * @param title What it is.
 * @param value The figure.
 * @param unit Its unit.
 * @param range Lower and upper end. @default the value itself
 * @returns A coefficient whose source is the settings.
 */
export function fromSettings<const U extends string, const K extends Kind = 'modelled'>(
  id: string,
  title: string,
  value: number,
  unit: U,
  {
    low = value,
    high = value,
    kind = 'modelled' as K
  }: { low?: number; high?: number; kind?: K } = {}
): Coefficient<U, K> {
  const year = new Date().getUTCFullYear();
  const source = 'your settings';
  return coefficient({ id, title, value, low, high, unit, year, source, licence: 'CC0-1.0', kind });
}
