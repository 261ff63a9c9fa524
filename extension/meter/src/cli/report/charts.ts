import { escape } from './escape.ts';

/** A bar with its interval. */
export interface Bar {
  name: string;
  value: number;
  low: number;
  high: number;
  /** What stands at its end. */
  text: string;
}

const width = 860;
const rowHeight = 30;
const legendColumns = 2;
const nameWidth = 230;
const textWidth = 260;

/** Horizontal bars with whiskers for their intervals, as SVG. */
export function barChart(bars: Bar[], label: string): string {
  const most = Math.max(1e-12, ...bars.map(({ value, high }) => Math.max(value, high)));
  const scale = (width - nameWidth - textWidth) / most;
  const height = bars.length * rowHeight + 8;
  const rows = bars.map((bar, index) => {
    const y = index * rowHeight + 4;
    const at = (value: number) => (nameWidth + Math.max(0, value) * scale).toFixed(1);
    const middle = y + rowHeight / 2;
    const shown = bar.name.length > 34 ? `…${bar.name.slice(-33)}` : bar.name;
    return `<g><title>${escape(`${bar.name}: ${bar.text}`)}</title>
<text class="name" x="${nameWidth - 10}" y="${middle + 4}">${escape(shown)}</text>
<rect class="bar" x="${nameWidth}" y="${y + 6}" width="${Math.max(1, bar.value * scale).toFixed(1)}" height="${rowHeight - 12}" rx="3"/>
<path class="whisker" d="M${at(bar.low)} ${middle}H${at(bar.high)}M${at(bar.low)} ${middle - 4}v8M${at(bar.high)} ${middle - 4}v8"/>
<text class="value" x="${Number(at(Math.max(bar.value, bar.high))) + 10}" y="${middle + 4}">${escape(bar.text)}</text></g>`;
  });
  return svg(width, height, label, rows.join(''));
}

/** Columns over time, as SVG; at most as many labels as fit. */
export function columnChart(
  columns: { at: string; value: number; text: string }[],
  label: string
): string {
  const height = 200;
  const base = height - 26;
  const most = Math.max(1e-12, ...columns.map(({ value }) => value));
  const step = width / Math.max(columns.length, 12);
  const every = Math.ceil(columns.length / 8);
  const bars = columns.map(({ at, value, text }, index) => {
    const tall = Math.max(1, (value / most) * (base - 16));
    const x = index * step;
    const shown = index % every === 0 ? at.replace('T', ' ').slice(5) : '';
    return `<g><title>${escape(`${at}: ${text}`)}</title>
<rect class="bar" x="${(x + step * 0.12).toFixed(1)}" y="${(base - tall).toFixed(1)}" width="${(step * 0.76).toFixed(1)}" height="${tall.toFixed(1)}" rx="2"/>
<text class="tick" x="${(x + step * 0.12).toFixed(1)}" y="${height - 8}">${escape(shown)}${shown.length === 8 ? 'h' : ''}</text></g>`;
  });
  const axis = `<path class="axis" d="M0 ${base + 0.5}H${width}"/>`;
  return svg(width, height, label, axis + bars.join(''));
}

/** One bar split into shares, with a legend, as SVG. */
export function shareChart(
  shares: { name: string; value: number; text: string }[],
  label: string
): string {
  const total = shares.reduce((sum, { value }) => sum + value, 0);
  let x = 0;
  const parts = shares.map(({ name, value, text }, index) => {
    const wide = total > 0 ? (value / total) * width : 0;
    const part = `<rect class="share s${index % 6}" x="${x.toFixed(1)}" y="0" width="${Math.max(0, wide - 2).toFixed(1)}" height="26" rx="4"><title>${escape(`${name}: ${text}`)}</title></rect>`;
    x += wide;
    const left = (index % legendColumns) * (width / legendColumns);
    const top = 52 + Math.floor(index / legendColumns) * 24;
    return `${part}<rect class="share s${index % 6}" x="${left}" y="${top - 11}" width="12" height="12" rx="3"/>
<text class="legend" x="${left + 20}" y="${top}">${escape(`${name}  ${text}`)}</text>`;
  });
  const height = 66 + Math.floor(Math.max(0, shares.length - 1) / legendColumns) * 24;
  return svg(width, height, label, parts.join(''));
}

/** A forecast as a strip, greener where less is emitted, as SVG. */
export function forecastStrip(
  spans: readonly { from: string; grams_per_kwh: number }[],
  label: string
): string {
  const grams = spans.map(span => span.grams_per_kwh);
  const [least, most] = [Math.min(...grams), Math.max(...grams)];
  const step = width / spans.length;
  const parts = spans.map(({ from, grams_per_kwh }, index) => {
    const share = most > least ? (grams_per_kwh - least) / (most - least) : 0.5;
    const hue = (135 - share * 115).toFixed(0);
    const title = `${from.slice(0, 16).replace('T', ' ')} UTC: ${Math.round(grams_per_kwh)} g/kWh`;
    return `<rect x="${(index * step).toFixed(2)}" y="0" width="${(step + 0.3).toFixed(2)}" height="34" fill="hsl(${hue} 55% 52%)"><title>${escape(title)}</title></rect>`;
  });
  const first = spans[0]?.from.slice(11, 16) ?? '';
  const last = spans.at(-1)?.from.slice(11, 16) ?? '';
  const text = (x: number, words: string, anchor: string) =>
    `<text class="tick" x="${x}" y="54" text-anchor="${anchor}">${escape(words)}</text>`;
  const ends = text(0, `${first} UTC`, 'start') + text(width, `${last} UTC`, 'end');
  const middle = text(width / 2, `${Math.round(least)} to ${Math.round(most)} g/kWh`, 'middle');
  return svg(width, 60, label, parts.join('') + ends + middle);
}

function svg(wide: number, high: number, label: string, body: string): string {
  return `<svg viewBox="0 0 ${wide} ${high}" role="img" aria-label="${escape(label)}">${body}</svg>`;
}
