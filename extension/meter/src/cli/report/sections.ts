import {
  builtIn,
  footprint,
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

/** What is attributed by a convention, apart from all that was measured. */
export function attributedSection({ all, bytes, dataBytes }: Collected, now: ImpactNow): string {
  const { hardware } = footprint(all.total, now, all.seconds);
  const moved = bytes.sent + bytes.received;
  const rows = [
    ['read from storage', formatBytes(bytes.read), 'in the measured energy already'],
    ['written to storage', formatBytes(bytes.written), 'in the measured energy already'],
    [
      'sent and received while cells ran',
      `${formatBytes(bytes.sent)} and ${formatBytes(bytes.received)}`,
      `of everything in the kernels' network namespaces; networks: ${formatAmount(transferEnergy(moved))}`
    ],
    ...(dataBytes === null
      ? []
      : [
          [
            'the folder of data',
            formatBytes(dataBytes),
            `kept for a year: ${formatAmount(storageEnergy(dataBytes))}`
          ]
        ]),
    hardware
      ? ["the machine's making, by time used", formatAmount(hardware), 'grams of CO₂e']
      : ["the machine's making", '–', 'tell the device and its lifetime in the settings']
  ];
  const body = rows.map(
    cells => `<tr>${cells.map(cell => `<td>${escape(cell)}</td>`).join('')}</tr>`
  );
  return `<section><h2>Attributed, and part of no sum above</h2><table><tbody>${body.join('')}</tbody></table></section>`;
}

/** A paragraph to paste into a paper. */
export function methodsSection(collected: Collected, now: ImpactNow, version: string): string {
  const text = methodsParagraph(methodsInput(collected, version), now);
  return `<section><h2>For a methods section</h2><blockquote>${escape(text)}</blockquote></section>`;
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
  const inForce = [now.carbon, now.market, now.carbon_free, now.pue, now.device];
  const used = ['water/grid', 'network', now.pue.value > 1 ? 'wue/unknown-data-centre' : ''];
  const all = [
    ...inForce.filter(each => each !== null),
    ...builtIn.filter(({ id }) => used.includes(id))
  ];
  const note = now.carbon?.note ? `<p class="quiet">${escape(now.carbon.note)}</p>` : '';
  return `<section><h2>Coefficients and their sources</h2>${note}<table><thead><tr><th>what</th><th>value</th><th>year</th><th>source and licence</th></tr></thead><tbody>${all.map(row).join('')}</tbody></table></section>`;
}

function row({ title, value, low, high, unit, year, source, licence, kind }: Coefficient): string {
  const write = (number: number) => String(Number(number.toPrecision(3)));
  const range = low === high ? '' : ` (${write(low)} to ${write(high)})`;
  const figure = `${write(value)}${range} ${unit === '1' ? '' : unit}`;
  return `<tr><td>${escape(title)}<span class="tag">${kind}</span></td><td>${escape(figure)}</td><td>${year}</td><td>${escape(source)}<br><span class="quiet">${escape(licence)}</span></td></tr>`;
}
