import {
  builtIn,
  formatAmount,
  methodsParagraph,
  storageEnergy,
  transferEnergy,
  type Coefficient,
  type ImpactNow
} from 'kernel-helpers/impact';
import { formatBytes } from '../format.ts';
import type { Collected } from './collect.ts';
import { escape } from './escape.ts';
import { section, wordTable } from './section.ts';

/** What cells read, wrote, sent and received, and the energy attributed to it, apart from all that was measured. */
export function dataSection({ bytes, dataFolder }: Collected): string {
  const rows = [
    ['read from storage', formatBytes(bytes.read), 'in the measured energy already'],
    ['written to storage', formatBytes(bytes.written), 'in the measured energy already'],
    [
      'sent and received while cells ran',
      `${formatBytes(bytes.sent)} and ${formatBytes(bytes.received)}`,
      `of everything in the kernels' network namespaces; networks: ${formatAmount(transferEnergy(bytes.sent + bytes.received))}`
    ],
    dataFolder === null
      ? ['the folder of data', '–', 'name one with --data']
      : [
          `the folder of data, ${dataFolder.path}`,
          formatBytes(dataFolder.bytes),
          `kept for a year: ${formatAmount(storageEnergy(dataFolder.bytes))}`
        ]
  ];
  return section('Data, and what is attributed to it: part of no sum above', wordTable(rows));
}

/** A paragraph to paste into a paper. */
export function methodsSection(collected: Collected, now: ImpactNow, version: string): string {
  const text = methodsParagraph(methodsInput(collected, version), now);
  return section('For a methods section', `<blockquote>${escape(text)}</blockquote>`);
}

/** What a methods paragraph needs to know of the collected executions. */
export function methodsInput({ all, sensors, policies }: Collected, version: string) {
  return {
    version,
    energy: all.total,
    seconds: all.seconds,
    executions: all.executions,
    sensors: [...sensors.keys()].sort(),
    policies: [...policies.keys()].sort()
  };
}

/** The coefficients of this page. */
export function sourcesSection(now: ImpactNow): string {
  const inForce = [now.carbon, now.market, now.carbon_free, now.pue, now.wue, now.device];
  const used = ['water/grid', 'network', 'storage/ssd'];
  const all = [
    ...inForce.filter(each => each !== null),
    ...builtIn.filter(({ id }) => used.includes(id))
  ];
  const note = now.carbon?.note ? `<p class="quiet">${escape(now.carbon.note)}</p>` : '';
  const head = '<th>what</th><th>value</th><th>year</th><th>source and licence</th>';
  return section(
    'Coefficients and their sources',
    `${note}<table><thead><tr>${head}</tr></thead><tbody>${all.map(row).join('')}</tbody></table>`
  );
}

function row({ title, value, low, high, unit, year, source, licence, kind }: Coefficient): string {
  const write = (number: number) => String(Number(number.toPrecision(3)));
  const range = low === high ? '' : ` (${write(low)} to ${write(high)})`;
  const figure = `${write(value)}${range} ${unit === '1' ? '' : unit}`;
  return `<tr><td>${escape(title)}<span class="tag">${kind}</span></td><td>${escape(figure)}</td><td>${year}</td><td>${escape(source)}<br><span class="quiet">${escape(licence)}</span></td></tr>`;
}
