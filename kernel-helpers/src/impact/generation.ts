import { coefficient, type Coefficient } from './coefficient.ts';

/** A way of making electricity, with what it emits over its life cycle. */
export interface GenerationSource {
  /** Grams of CO₂e per kWh, fuel, plant and its building included. */
  readonly carbon: Coefficient<'g/kWh', 'modelled'>;
  /** Whether it burns what counts as fossil. */
  readonly fossil: boolean;
}

const ipcc = 'IPCC AR5 WG3 2014, annex III, table A.III.2: median';
const studies = `${ipcc}, least and most`;
const unece = `${ipcc}; range: UNECE 2021, Life Cycle Assessment of Electricity Generation Options`;
const review =
  'World Nuclear Association 2011, Comparison of Lifecycle Greenhouse Gas Emissions: mean, least and most';

function source(
  id: string,
  title: string,
  [value, low, high]: readonly [number, number, number],
  { from = unece, year = 2014, fossil = false } = {}
): GenerationSource {
  const carbon = coefficient({
    ...{ id: `generation/${id}`, title: `electricity from ${title}, over the life cycle` },
    ...{ value, low, high, unit: 'g/kWh', year, source: from },
    ...{ licence: 'LicenseRef-cited-figure', kind: 'modelled' }
  });
  return { carbon, fossil };
}

/** What kinds of power stations emit; a range spans the published studies, or the regions of one. */
export const generation = {
  biomass: source('biomass', 'biomass', [230, 130, 420], { from: studies }),
  coal: source('coal', 'hard coal', [820, 751, 1095], { fossil: true }),
  gas: source('gas', 'natural gas', [490, 403, 513], { fossil: true }),
  geothermal: source('geothermal', 'geothermal heat', [38, 6, 79], { from: studies }),
  hydro: source('hydro', 'hydropower', [24, 6, 147]),
  lignite: source('lignite', 'lignite, peat or oil shale', [1054, 790, 1372], {
    ...{ from: review, year: 2011, fossil: true }
  }),
  nuclear: source('nuclear', 'nuclear power', [12, 5.1, 12]),
  ocean: source('ocean', 'tides and waves', [17, 5.6, 28], { from: studies }),
  oil: source('oil', 'oil', [733, 547, 935], { from: review, year: 2011, fossil: true }),
  solar: source('solar', 'solar panels', [48, 8, 83]),
  windOffshore: source('wind-offshore', 'wind at sea', [12, 12, 23]),
  windOnshore: source('wind-onshore', 'wind on land', [11, 7.8, 16]),
  unknown: source('unknown', 'waste or a source that is not named', [700, 230, 1054], {
    ...{ from: 'between biomass and lignite above; value: Electricity Maps, unknown sources' },
    fossil: true
  })
} satisfies Record<string, GenerationSource>;
