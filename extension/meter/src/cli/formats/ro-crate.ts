import { footprint, type Amount, type Coefficient, type ImpactNow } from 'kernel-helpers/impact';
import { version } from '../../version.ts';
import type { Collected } from '../report/collect.ts';
import type { Summary } from '../summary.ts';

type Node = Record<string, unknown>;

const cc0 = 'https://creativecommons.org/publicdomain/zero/1.0/';

/**
 * The metadata of an RO-Crate that cites the energy of runs: who ran what, when, at what cost, measured how.
 * @see RO-Crate 1.1, Workflow Run Crate's `CreateAction`, schema.org `QuantitativeValue`
 */
export function crateOf(collected: Collected, now: ImpactNow): Node {
  const groups = collected.notebooks.groups;
  const { from, to } = collected.span;
  const { carbon, market, pue } = collected.all.carbon.figures(now);
  const sources = [carbon, market, pue].filter(each => each !== null);
  const graph = [
    {
      ...{ '@id': 'ro-crate-metadata.json', '@type': 'CreativeWork' },
      ...{ conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' }, about: { '@id': './' } }
    },
    {
      ...{ '@id': './', '@type': 'Dataset', name: 'Energy of notebook runs' },
      ...{ description: 'Energy in joules with 95 % intervals, metered by joulebook' },
      ...{
        datePublished: to.slice(0, 10),
        license: { '@id': cc0 }
      },
      hasPart: groups.map(({ name }) => ({ '@id': fileId(name) })),
      mentions: groups.map(({ name }) => ({ '@id': runId(name) }))
    },
    {
      ...{ '@id': cc0, '@type': 'CreativeWork', name: 'CC0 1.0 Universal' },
      description: 'Public domain: figures may be used by anybody'
    },
    {
      ...{ '@id': '#joulebook', '@type': 'SoftwareApplication', name: 'joulebook' },
      softwareVersion: version
    },
    ...sources.map(sourceNode),
    ...groups.flatMap(group => runNodes(group, now, { from, to }, sources))
  ];
  return { '@context': 'https://w3id.org/ro/crate/1.1/context', '@graph': graph };
}

function runNodes(
  group: Summary,
  now: ImpactNow,
  span: { from: string; to: string },
  sources: Coefficient[]
): Node[] {
  const { name, total, executions, seconds } = group;
  const { carbon } = footprint(total, group.carbon.figures(now), seconds);
  const { joules, low, high, kind, reason } = total;
  const energy = { value: joules, low, high, unit: 'J', kind: reason ?? kind };
  const values = [
    quantity(`${runId(name)}-energy`, 'energy', energy, 'JOU'),
    ...(carbon
      ? [quantity(`${runId(name)}-carbon`, 'CO2e, location-based', carbon.location, 'GRM')]
      : []),
    ...(carbon?.hasContract
      ? [quantity(`${runId(name)}-market`, 'CO2e, market-based', carbon.market, 'GRM')]
      : [])
  ];
  return [
    { '@id': fileId(name), '@type': 'File', encodingFormat: 'application/x-ipynb+json' },
    {
      ...{ '@id': runId(name), '@type': 'CreateAction', name: `${executions} cell executions` },
      ...{ instrument: { '@id': '#joulebook' }, object: { '@id': fileId(name) } },
      ...{ startTime: span.from, endTime: group.last_at },
      citation: sources.map(({ id }) => ({ '@id': `#${id}` })),
      result: values.map(value => ({ '@id': value['@id'] }))
    },
    ...values
  ];
}

function quantity(
  id: string,
  name: string,
  {
    value,
    low,
    high,
    unit,
    kind
  }: Partial<Omit<Amount, 'kind' | 'value' | 'low' | 'high'>> & {
    value: number | null;
    low: number | null;
    high: number | null;
    kind: string;
  },
  unitCode: string
): Node {
  return {
    ...{ '@id': id, '@type': 'PropertyValue', name, value, minValue: low, maxValue: high },
    ...{ unitText: unit, unitCode, measurementTechnique: kind }
  };
}

function sourceNode({
  id,
  title,
  value,
  low,
  high,
  unit,
  year,
  source,
  licence,
  kind
}: Coefficient): Node {
  return {
    ...{ '@id': `#${id}`, '@type': ['CreativeWork', 'PropertyValue'], name: title, value },
    ...{ minValue: low, maxValue: high, unitText: unit, measurementTechnique: kind },
    ...{ temporalCoverage: String(year), publisher: source, license: licence }
  };
}

function fileId(name: string | null): string {
  return name === null ? '#unknown-notebook' : encodeURI(`file://${name}`);
}

function runId(name: string | null): string {
  return `#run-of-${encodeURIComponent(name ?? 'unknown')}`;
}
