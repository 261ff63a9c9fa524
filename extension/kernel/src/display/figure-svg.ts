import type { Figure } from './figure.ts';
import { escapeHtml } from './table.ts';

const width = 640;
const height = 400;
const margin = { left: 64, right: 16, top: 40, bottom: 48 };
const colours = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2'];
/** A picture needs no more points of a line. */
const mostPoints = 1000;

interface Trace {
  name: string;
  points: [x: number, y: number][];
  kind: 'line' | 'points' | 'bars';
}

interface Axis {
  low: number;
  high: number;
  log: boolean;
  title: string;
  categories?: string[];
}

/**
 * Draws a figure of lines, points or bars as a still picture.
 * @returns SVG; `undefined` for kinds of traces that this cannot draw.
 */
export function figureSvg(figure: Figure): string | undefined {
  const categories: string[] = [];
  const traces = figure.data.map((trace, index) => readTrace(trace, index, categories));
  if (traces.some(trace => trace === undefined)) return undefined;
  const drawn = traces as Trace[];
  const x = axisOf(figure.layout.xaxis, drawn, 0);
  const y = axisOf(figure.layout.yaxis, drawn, 1);
  if (categories.length > 0) x.categories = categories;
  const marks = drawn.map((trace, index) => drawTrace(trace, index, drawn.length, x, y));
  const title = titleOf(figure.layout.title);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    drawAxes(x, y),
    ...marks,
    drawLegend(drawn),
    text(width / 2, 22, title, 'font-size="16" text-anchor="middle"'),
    '</svg>'
  ].join('');
}

function readTrace(
  trace: Record<string, unknown>,
  index: number,
  categories: string[]
): Trace | undefined {
  const type = trace.type ?? 'scatter';
  if (type !== 'scatter' && type !== 'scattergl' && type !== 'bar') return undefined;
  const ys = list(trace.y);
  const xs = trace.x === undefined ? ys.map((_, at) => at) : list(trace.x);
  const step = Math.max(1, Math.ceil(ys.length / mostPoints));
  const points = ys
    .map((y, at): [number, number] => [position(xs[at], categories), Number(y ?? NaN)])
    .filter((_, at) => at % step === 0 || at === ys.length - 1)
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const mode = typeof trace.mode === 'string' ? trace.mode : 'lines';
  const kind = type === 'bar' ? 'bars' : mode.includes('lines') ? 'line' : 'points';
  const name = typeof trace.name === 'string' ? trace.name : `trace ${index}`;
  return { name, points, kind };
}

const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : [];

/** Where a value lies on its axis: numbers and dates by their value, other text by its turn. */
function position(value: unknown, categories: string[]): number {
  if (typeof value === 'number') return value;
  const text = String(value);
  const date = Date.parse(text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(date)) return date;
  if (!categories.includes(text)) categories.push(text);
  return categories.indexOf(text);
}

function axisOf(layout: unknown, traces: readonly Trace[], at: 0 | 1): Axis {
  const options = (layout ?? {}) as { type?: unknown; title?: unknown };
  const log = options.type === 'log';
  const values = traces
    .flatMap(({ points }) => points.map(point => point[at]))
    .filter(value => !log || value > 0)
    .map(value => (log ? Math.log10(value) : value));
  if (at === 1 && traces.some(({ kind }) => kind === 'bars')) values.push(0);
  let low = values.reduce((a, b) => Math.min(a, b), Infinity);
  let high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const room = (high - low) * (at === 0 && traces.some(({ kind }) => kind === 'bars') ? 0.1 : 0.04);
  return { low: low - room, high: high + room, log, title: titleOf(options.title) };
}

function titleOf(title: unknown): string {
  if (typeof title === 'string') return title;
  const { text } = (title ?? {}) as { text?: unknown };
  return typeof text === 'string' ? text : '';
}

const scaled = (axis: Axis, value: number): number =>
  ((axis.log ? Math.log10(Math.max(value, Number.MIN_VALUE)) : value) - axis.low) /
  (axis.high - axis.low);
const across = (axis: Axis, value: number): number =>
  round(margin.left + scaled(axis, value) * (width - margin.left - margin.right));
const up = (axis: Axis, value: number): number =>
  round(height - margin.bottom - scaled(axis, value) * (height - margin.top - margin.bottom));
const round = (value: number): number => Math.round(value * 10) / 10;

function drawTrace(trace: Trace, index: number, count: number, x: Axis, y: Axis): string {
  const colour = colours[index % colours.length] ?? '#000';
  const shown = trace.points.filter(([, value]) => !y.log || value > 0);
  if (trace.kind === 'line') {
    const path = shown.map(([a, b]) => `${across(x, a)},${up(y, b)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  }
  if (trace.kind === 'points') {
    return shown
      .map(([a, b]) => `<circle cx="${across(x, a)}" cy="${up(y, b)}" r="3" fill="${colour}"/>`)
      .join('');
  }
  const room = (width - margin.left - margin.right) / Math.max(1, trace.points.length);
  const size = (room * 0.8) / count;
  const base = up(y, y.log ? 10 ** y.low : 0);
  return shown
    .map(([a, b]) => {
      const top = up(y, b);
      const left = round(across(x, a) - (size * count) / 2 + index * size);
      return `<rect x="${left}" y="${Math.min(top, base)}" width="${round(size)}" height="${round(Math.abs(base - top))}" fill="${colour}"/>`;
    })
    .join('');
}

function drawAxes(x: Axis, y: Axis): string {
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const vertical = ticks(y).map(([value, label]) => {
    const at = up(y, value);
    return `<line x1="${margin.left}" x2="${right}" y1="${at}" y2="${at}" stroke="#ddd"/>${text(margin.left - 6, at + 4, label, 'text-anchor="end"')}`;
  });
  const horizontal = ticks(x).map(([value, label]) =>
    text(across(x, value), bottom + 18, label, 'text-anchor="middle"')
  );
  return [
    ...vertical,
    ...horizontal,
    `<path d="M${margin.left},${margin.top}V${bottom}H${right}" fill="none" stroke="#444"/>`,
    text((margin.left + right) / 2, height - 8, x.title, 'text-anchor="middle"'),
    text(0, 0, y.title, `text-anchor="middle" transform="translate(16 ${height / 2}) rotate(-90)"`)
  ].join('');
}

/** About five round values of an axis, with their labels. */
function ticks(axis: Axis): [number, string][] {
  if (axis.categories) return axis.categories.map((name, at) => [at, name]);
  const step = niceStep((axis.high - axis.low) / 5, axis.log);
  const found: [number, string][] = [];
  for (let at = Math.ceil(axis.low / step) * step; at <= axis.high; at += step) {
    const value = axis.log ? 10 ** at : at;
    found.push([value, String(Number(value.toPrecision(4)))]);
  }
  return found;
}

function niceStep(rough: number, whole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(part => part * power).find(part => part >= rough) ?? rough;
  return whole ? Math.max(1, Math.round(step)) : step;
}

function drawLegend(traces: readonly Trace[]): string {
  if (traces.length < 2) return '';
  return traces
    .map(({ name }, index) => {
      const y = margin.top + 14 + index * 16;
      const colour = colours[index % colours.length] ?? '#000';
      return `<rect x="${width - 140}" y="${y - 9}" width="10" height="10" fill="${colour}"/>${text(width - 124, y, name)}`;
    })
    .join('');
}

const text = (x: number, y: number, content: string, attributes = ''): string =>
  content === '' ? '' : `<text x="${x}" y="${y}" ${attributes}>${escapeHtml(content)}</text>`;
