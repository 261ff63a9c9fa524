import { formatAmount, footprint, type Amount, type ImpactNow } from 'kernel-helpers/impact';
import { formatEnergy, formatSeconds, formatWattHours } from '../format.ts';
import type { Summary } from '../summary.ts';
import { barChart, columnChart, forecastStrip, shareChart, type Bar } from './charts.ts';
import type { Collected } from './collect.ts';
import { escape } from './escape.ts';
import { hardwareSection } from './hardware.ts';
import { section } from './section.ts';
import { dataSection, methodsSection, sourcesSection } from './sections.ts';
import { style } from './style.ts';

/** Bars of one chart. */
const mostBars = 15;
/** Rows of the table: a page stays a page. */
const mostRows = 100;

/** What stands above the figures. */
export interface PageTitle {
  title: string;
  /** What was looked at, in words. */
  scope: string;
  version: string;
  /** ISO 8601. */
  madeAt: string;
}

/** The report as one page of HTML that needs nothing else: no network, no script. */
export function reportPage(collected: Collected, now: ImpactNow, head: PageTitle): string {
  const figures = collected.all.carbon.figures(now);
  const { from, to } = collected.span;
  const day = (iso: string) => iso.slice(0, 10);
  const span = from === '' ? 'no executions' : `${day(from)} to ${day(to)}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(head.title)}</title><style>${style}</style></head><body><main>
<header><h1>${escape(head.title)}</h1><p class="quiet">${escape(head.scope)} · ${span} · joulebook ${escape(head.version)}, ${escape(head.madeAt.slice(0, 16).replace('T', ' '))} UTC</p></header>
${tiles(collected, figures)}
${charts(collected)}
${forecast(now)}
${table(collected, now)}
${hardwareSection(collected, figures)}
${dataSection(collected)}
${methodsSection(collected, figures, head.version)}
${sourcesSection(figures)}
<footer>Every figure has an interval. Measured, modelled and attributed figures are never added to each other.</footer>
</main></body></html>
`;
}

function tiles({ all, domains }: Collected, now: ImpactNow): string {
  const { carbon, water, money } = footprint(all.total, now);
  const joules = all.total.joules;
  const measured = domains.map(({ domain }) => domain).join(', ') || 'nothing';
  const cards = [
    tile(
      'Energy',
      formatEnergy(all.total),
      joules === null ? '' : formatWattHours(joules),
      'first'
    ),
    tile('Cells', String(all.executions), `${formatSeconds(all.seconds)} · read: ${measured}`),
    carbon && now.carbon
      ? amountTile(
          'Carbon, location-based',
          carbon.location,
          [now.zone_name, now.carbon.basis, carbonFree(now)].filter(Boolean).join(', ')
        )
      : tile('Carbon', '–', 'choose a grid zone in the settings'),
    carbon?.hasContract ? amountTile('Carbon, market-based', carbon.market, 'by contract') : '',
    water ? amountTile('Water', water.total, 'at site and power stations') : '',
    money ? amountTile('Money', money, `tariff ${now.tariff?.value} ${money.unit}/kWh`) : ''
  ];
  return `<div class="tiles">${cards.join('')}</div>`;
}

function carbonFree({ carbon_free }: ImpactNow): string {
  return carbon_free === null ? '' : `${Math.round(100 * carbon_free.value)} % carbon-free`;
}

function amountTile(name: string, amount: Amount, what: string): string {
  const [, value = '', range = ''] = /^(.*?) \((.*)\)$/.exec(formatAmount(amount)) ?? [];
  return tile(name, value, `${range} · ${what}`);
}

function tile(name: string, figure: string, range: string, extra = ''): string {
  const [value = '', aside = ''] = figure.split(/(?= \()/);
  const words = [aside.trim(), range].filter(Boolean).join(' · ');
  return `<div class="tile ${extra}"><h2>${escape(name)}</h2><div class="figure">${escape(value)}</div><div class="range">${escape(words)}</div></div>`;
}

function charts(collected: Collected): string {
  const { notebooks, cells, domains, timeline } = collected;
  const parts = [
    section('By notebook', barChart(barsOf(notebooks.groups), 'energy of each notebook')),
    section('The costliest cells', barChart(barsOf(cells.groups), 'energy of the costliest cells'))
  ];
  if (timeline.length > 1) {
    const columns = timeline.map(({ at, joules }) => ({
      at,
      value: joules,
      text: formatWattHours(joules)
    }));
    parts.push(section('Over time', columnChart(columns, 'energy over time')));
  }
  const shares = domains.flatMap(({ domain, energy }) =>
    energy.joules === null
      ? []
      : [{ name: domain, value: energy.joules, text: formatEnergy(energy) }]
  );
  if (shares.length > 0)
    parts.push(section('Where it went', shareChart(shares, 'energy by domain')));
  return collected.all.executions === 0 ? '' : parts.join('');
}

function barsOf(groups: Summary[]): Bar[] {
  return groups
    .filter(({ total }) => total.joules !== null)
    .slice(0, mostBars)
    .map(({ name, total }) => ({
      name: name?.split('/').at(-1) ?? '(not known)',
      value: total.joules ?? 0,
      low: total.low ?? 0,
      high: total.high ?? 0,
      text: formatEnergy(total)
    }));
}

function forecast({ forecast: spans, zone_name }: ImpactNow): string {
  if (spans.length < 2) return '';
  const strip = forecastStrip(spans, 'carbon intensity of the coming hours');
  return section(`The grid's next hours, ${zone_name ?? ''}`, strip);
}

/** The cells of one notebook, or all notebooks. */
function table({ notebooks, cells }: Collected, now: ImpactNow): string {
  const [name, title, { groups }] =
    notebooks.groups.length === 1
      ? ['cell', 'All cells', cells]
      : ['notebook', 'All notebooks', notebooks];
  if (groups.length === 0) return '';
  const rows = groups
    .slice(0, mostRows)
    .map(({ name, executions, seconds, total, carbon: mean }) => {
      const { carbon } = footprint(total, mean.figures(now));
      const grams = carbon ? formatAmount(carbon.location) : '–';
      return `<tr><td>${escape(name ?? '(not known)')}</td><td class="n">${executions}</td><td class="n">${formatSeconds(seconds)}</td><td>${escape(formatEnergy(total))}</td><td>${escape(grams)}</td></tr>`;
    });
  const head = `<th>${name}</th><th class="n">runs</th><th class="n">time</th><th>energy</th><th>CO₂e</th>`;
  const body = `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return section(title, body + (groups.length > mostRows ? more(groups.length) : ''));
}

function more(count: number): string {
  return `<p class="quiet">and ${count - mostRows} more, in <code>joulebook report --json</code></p>`;
}
