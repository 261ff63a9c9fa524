import type { Figure } from '../figure.ts';
import { escapeHtml } from '../table.ts';
import { Axis, titleOf } from './axis.ts';
import {
  type BarMode,
  type Canvas,
  drawBars,
  drawCells,
  drawPoints,
  includeStacks,
  round,
  smallestGap
} from './marks.ts';
import { readTrace, type Trace } from './traces.ts';

const width = 640;
const height = 400;
const margin = { left: 64, right: 16, top: 40, bottom: 48 };
const colours = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2'];
/** Names beside horizontal bars need room. */
const widestLabel = 150;

/**
 * Draws a figure as a still picture, for pages that run no scripts: lines, points, bars, histograms and fields of values, with error bars.
 * @returns SVG. Of another kind of figure it names the kind, and says where the figure itself is seen.
 */
export function figureSvg(figure: Figure): string {
  const x = new Axis(figure.layout.xaxis);
  const y = new Axis(figure.layout.yaxis);
  const shown = figure.data.filter(({ visible }) => visible !== false && visible !== 'legendonly');
  const traces = shown.map((trace, index) => readTrace(trace, index, x, y));
  const drawn = traces.filter(trace => trace !== undefined);
  if (drawn.length < traces.length) {
    return placeholder(
      titleOf(figure.layout.title),
      shown.filter((_, index) => traces[index] === undefined)
    );
  }
  const mode = barMode(figure.layout.barmode);
  if (mode === 'stack') includeStacks(drawn, x, y);
  makeRoom(drawn, x, y);
  const canvas = canvasOf(x, y);
  return picture(
    drawAxes(canvas) +
      drawTraces(drawn, mode, canvas) +
      drawLegend(drawn) +
      title(titleOf(figure.layout.title))
  );
}

function barMode(given: unknown): BarMode {
  if (given === 'stack' || given === 'relative') return 'stack';
  return given === 'overlay' ? 'overlay' : 'group';
}

/** Bars and cells are as wide as the places lie apart, half of that beyond the last. */
function makeRoom(traces: readonly Trace[], x: Axis, y: Axis): void {
  const widen = (axis: Axis, places: readonly number[], gap: number): void => {
    for (const place of places)
      [place - gap / 2, place + gap / 2].forEach(end => axis.include(end));
  };
  const bars = traces.filter(trace => trace.kind === 'bars');
  for (const trace of bars) {
    const all = bars.flatMap(({ points }) => points.map(point => point.x));
    const places = trace.points.map(point => point.x);
    widen(trace.sideways ? y : x, places, trace.width ?? smallestGap(all));
  }
  const cells = traces.filter(trace => trace.kind === 'cells');
  for (const trace of cells) {
    widen(x, trace.x, smallestGap(trace.x));
    widen(y, trace.y, smallestGap(trace.y));
  }
  const room = cells.length > 0 ? 0 : 0.04;
  x.settle(room);
  y.settle(room);
}

function canvasOf(x: Axis, y: Axis): Canvas {
  const left = leftOf(y);
  return {
    ...{ x, y },
    across: place => round(left + x.part(place) * (width - left - margin.right)),
    up: place =>
      round(height - margin.bottom - y.part(place) * (height - margin.top - margin.bottom))
  };
}

/** Where the vertical axis stands: right of its longest label. */
function leftOf(y: Axis): number {
  const longest = y.ticks().reduce((most, [, label]) => Math.max(most, label.length), 0);
  return Math.max(margin.left, Math.min(widestLabel, 7 * longest) + 28);
}

function drawTraces(traces: readonly Trace[], mode: BarMode, canvas: Canvas): string {
  const coloured = traces.map((trace, index) => [trace, colourOf(trace, index)] as [Trace, string]);
  const of = <Kind extends Trace['kind']>(kind: Kind) =>
    coloured.filter((pair): pair is [Trace & { kind: Kind }, string] => pair[0].kind === kind);
  return [
    ...of('cells').map(([trace]) => drawCells(trace, canvas)),
    drawBars(of('bars'), mode, canvas),
    ...of('points').map(([trace, colour]) => drawPoints(trace, colour, canvas))
  ].join('');
}

function colourOf(trace: Trace, index: number): string {
  return trace.colour ?? colours[index % colours.length] ?? '#000';
}

function drawAxes(canvas: Canvas): string {
  const { x, y } = canvas;
  const [left, right, bottom] = [leftOf(y), width - margin.right, height - margin.bottom];
  const vertical = y.ticks().map(([place, label]) => {
    const at = canvas.up(place);
    const line = `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="#ddd"/>`;
    return line + text(left - 6, at + 4, short(label), 'text-anchor="end"');
  });
  const horizontal = x
    .ticks()
    .map(([place, label]) =>
      text(canvas.across(place), bottom + 18, short(label), 'text-anchor="middle"')
    );
  return [
    ...vertical,
    ...horizontal,
    `<path d="M${left},${margin.top}V${bottom}H${right}" fill="none" stroke="#444"/>`,
    text((left + right) / 2, height - 8, x.title, 'text-anchor="middle"'),
    text(0, 0, y.title, `text-anchor="middle" transform="translate(16 ${height / 2}) rotate(-90)"`)
  ].join('');
}

const short = (label: string): string => (label.length > 21 ? `${label.slice(0, 20)}…` : label);

function drawLegend(traces: readonly Trace[]): string {
  const named = traces
    .map((trace, index) => [trace, colourOf(trace, index)] as const)
    .filter(([{ kind }]) => kind !== 'cells');
  if (named.length < 2) return '';
  const [left, top] = [width - 148, margin.top + 2];
  const entries = named.map(([{ name }, colour], index) => {
    const y = top + 14 + index * 16;
    const square = `<rect x="${left + 8}" y="${y - 9}" width="10" height="10" fill="${colour}"/>`;
    return square + text(left + 24, y, short(name));
  });
  const ground = `<rect x="${left}" y="${top}" width="132" height="${named.length * 16 + 6}" fill="#fff" opacity=".8"/>`;
  return ground + entries.join('');
}

/** A figure that is left out must not look like one that is empty. */
function placeholder(name: string, left: Figure['data']): string {
  const kinds = [...new Set(left.map(({ type }) => (typeof type === 'string' ? type : 'scatter')))];
  const middle = 'text-anchor="middle"';
  return picture(
    [
      `<rect x="1" y="1" width="${width - 2}" height="${height - 2}" fill="none" stroke="#ddd"/>`,
      title(name),
      text(width / 2, height / 2 - 8, `Interactive figure: ${short(kinds.join(', '))}`, middle),
      text(
        width / 2,
        height / 2 + 14,
        'It shows where the notebook is opened in JupyterLab.',
        middle
      )
    ].join('')
  );
}

const title = (content: string): string =>
  text(width / 2, 22, content, 'font-size="16" text-anchor="middle"');

function picture(content: string): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    content,
    '</svg>'
  ].join('');
}

const text = (x: number, y: number, content: string, attributes = ''): string =>
  content === '' ? '' : `<text x="${x}" y="${y}" ${attributes}>${escapeHtml(content)}</text>`;
