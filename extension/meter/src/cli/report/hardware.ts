import {
  amountOf,
  footprint,
  formatAmount,
  sci,
  stretchLifetime,
  type Amount,
  type ImpactNow
} from 'kernel-helpers/impact';
import type { Collected } from './collect.ts';
import { section, wordTable } from './section.ts';

const title = 'The machine';

/** The machine itself: what making it emitted, what keeping it saves, and the score that the standard makes of both. */
export function hardwareSection(collected: Collected, now: ImpactNow): string {
  const { device } = now;
  if (device === null) {
    return section(
      title,
      '<p class="quiet">Tell the machine, and how long it serves, to see its share: <code>joulebook settings device=laptop lifetime_years=4</code></p>'
    );
  }
  const { all } = collected;
  const made = { embodied: device, lifetimeYears: device.lifetime_years };
  const { hardware } = footprint(all.total, now, all.seconds);
  const years = device.lifetime_years;
  const rows = [
    [device.title, formatAmount(amountOf(device)), device.source],
    [
      'share of these cells, by time used',
      hardware ? formatAmount(hardware) : '–',
      `of ${years} years`
    ],
    [
      'kept for a year longer',
      `saves ${formatAmount(stretchLifetime(made))} for each year of service`,
      `${years + 1} years instead of ${years}`
    ],
    ...scoreRows(collected, now, hardware)
  ];
  return section(title, wordTable(rows));
}

function scoreRows(
  { all, domains }: Collected,
  now: ImpactNow,
  embodied: Amount<'g', 'attributed'> | null
): string[][] {
  const operational = footprint(all.total, now).carbon?.location;
  if (!operational || !embodied) return [];
  const read = domains.map(({ domain }) => domain).join(', ');
  const boundary = `counted: ${read} of this machine, PUE ${now.pue.value}, its making by time; left out: screen, networks, storage elsewhere, idle time between cells`;
  const score = sci({ operational, embodied, units: all.executions, unit: 'cell run', boundary });
  const figure = (part: Amount) => formatAmount({ ...part, unit: 'g' });
  return [
    [
      'Software Carbon Intensity (ISO/IEC 21031)',
      `${figure({ ...score, kind: 'attributed' }).replace(', attributed', '')} for each cell run`,
      `operational ${figure(score.operational)}, embodied ${figure(score.embodied)}; ${boundary}`
    ]
  ];
}
