/**
 * Grid zones of the world and the yearly carbon intensity of their electricity.
 * @module
 */
import { electricityMaps, marginalIntensity } from '@tgwf/co2/data';
import { HelperError } from '../errors.ts';
import { coefficient, type Coefficient } from './coefficient.ts';

/** A zone of the electricity grid with its yearly figures. */
export interface Zone {
  /** Such as `FR`, `GB` or `US-CAL-CISO`, as Electricity Maps names it. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Yearly average of the electricity used there, life cycle; the range spans the years known. */
  readonly carbon: Coefficient<'g/kWh', 'modelled'>;
  /** Share of it without fossil fuel, nuclear included, 0 to 1. */
  readonly carbonFree: Coefficient<'1', 'modelled'>;
  /** Share of it from renewable sources, 0 to 1. */
  readonly renewable: Coefficient<'1', 'modelled'>;
}

const source = 'Electricity Maps, yearly data, as republished by @tgwf/co2 0.19.0';
const licence = 'ODbL-1.0';

const years = Object.entries(electricityMaps)
  .map(([name, { data }]) => ({ year: Number(name.replace('yearly', '')), data }))
  .filter(({ year }) => Number.isInteger(year))
  .sort((a, b) => b.year - a.year);

/**
 * The zones whose yearly figures are known offline.
 * @returns Id and name of each, sorted by name.
 */
export function listZones(): { id: string; name: string }[] {
  const latest = years[0]?.data ?? {};
  return Object.entries(latest)
    .map(([id, { zone }]) => ({ id, name: zone.zoneName }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Looks up the yearly figures of a zone, without a network.
 * @param id As `listZones` names it; letters of either case.
 * @returns Its carbon intensity in g/kWh and the carbon-free and renewable shares of the latest year known. The ranges run from the
 *   lowest to the highest yearly value; single hours lie further out.
 * @throws HelperError `impact/zone` for a zone that is not known.
 */
export function findZone(id: string): Zone {
  const key = String(id).trim().toUpperCase();
  const known = years.flatMap(({ year, data }) => {
    const entry = data[key];
    return entry === undefined ? [] : [{ year, entry }];
  });
  const [latest] = known;
  if (latest === undefined) throw unknownZone(String(id));
  const { year, entry } = latest;
  const name = entry.zone.zoneName;
  const over = <U extends string>(
    field: 'carbonIntensity' | 'renewableEnergy' | 'carbonFreeEnergy',
    word: string,
    unit: U,
    divisor: number
  ) => {
    const values = known.map(each => each.entry[field].value / divisor);
    return coefficient({
      id: `${word}/${key}/${year}`,
      title: `${titles[field]}, ${name}`,
      value: entry[field].value / divisor,
      low: Math.min(...values),
      high: Math.max(...values),
      unit,
      year,
      source,
      licence,
      kind: 'modelled'
    });
  };
  return {
    id: key,
    name,
    carbon: over('carbonIntensity', 'carbon', 'g/kWh', 1),
    carbonFree: over('carbonFreeEnergy', 'carbon-free', '1', 100),
    renewable: over('renewableEnergy', 'renewable', '1', 100)
  };
}

const titles = {
  carbonIntensity: 'average carbon intensity of electricity over a year',
  carbonFreeEnergy: 'carbon-free share of electricity',
  renewableEnergy: 'renewable share of electricity'
};

/**
 * The marginal intensity of a country: what one more kWh causes. The data are of 2021 and coarse.
 * @param country ISO 3166 alpha-3, such as `FRA`.
 * @returns Grams per kWh; the figures come without a range, so it is taken as a factor of 1.5 either way.
 * @throws HelperError `impact/zone` for a country without a figure: a 0 in this data stands for none.
 */
export function marginalCarbon(country: string): Coefficient<'g/kWh', 'modelled'> {
  const key = country.trim().toUpperCase();
  const grams = Number(marginalIntensity.data[key] ?? 0);
  if (!(grams > 0)) {
    const message = `expected a country with a marginal intensity (ISO 3166 alpha-3, such as FRA), got ${country}`;
    throw new HelperError('impact/zone', message);
  }
  return coefficient({
    id: `carbon-marginal/${key}/2021`,
    title: `marginal carbon intensity of electricity, ${key}`,
    value: grams,
    low: grams / 1.5,
    high: grams * 1.5,
    unit: 'g/kWh',
    year: 2021,
    source: 'Green Web Foundation after UNFCCC IFI, in @tgwf/co2 0.19.0',
    licence: 'CC-BY-SA-4.0',
    kind: 'modelled'
  });
}

function unknownZone(id: string): HelperError {
  const word = id.trim().toLowerCase();
  const near = listZones()
    .filter(
      zone =>
        word !== '' &&
        (zone.name.toLowerCase().includes(word) || zone.id.toLowerCase().startsWith(word))
    )
    .slice(0, 5)
    .map(zone => `${zone.id} (${zone.name})`);
  const hint = near.length > 0 ? `near are ${near.join(', ')}` : 'such as FR or US-CAL-CISO';
  return new HelperError(
    'impact/zone',
    `no electricity zone named ${JSON.stringify(id)}; choose one, ${hint}; joulebook zones lists all, in a notebook impact.listZones()`
  );
}
